package deid

// conceptWords are words of the meanings of standard codes (PS3.16: titles and
// headings of reports, observers, purposes of reference, measurements, chest
// anatomy and findings), beside the vocabulary of free text. They hold for the
// meaning of a code whose value has the standard's form, and nowhere else.
var conceptWords = wordSet(`
10th 1d 1st 2d 2nd 3d 3rd 5th 90th 95th a abnormally about abscess absent absolute absorbed accession accessory accumbens acetabular acinar acquired acr
acromioclavicular acromion action activation activity acute added addendum addition adenohypophysis adenoma adjudicator administered administering
administration administrator adults adventitia agatston age aic air-fluid air-trapping aligned alignment ambiguous american amygdala analyses analysis anatomic
anatomy angio angle angular anisotropy ankle anomalous antecubital anterior anterior-middle anterior-posterior anus apparent appearance appendage approximate
aqueduct arachnoid arch architectural arcuate area areas array arrival arteriosum arteriosus arteriovenous articular as ascending aspect asphericity assessment
assisting associated assurance atrial atrioventricular attachment attempt attending attenuated attenuator audio auditory auricular author authorizing
autocorrelation autonomic av average axilla axillary axis azygoesophageal azygos baffle band basilar basilic beaded beam-hardening beats becquerel before begin
benign best between bic bifurcation bile biliary billing binary biopsy birth blur bm board border bounding box brachial brachiocephalic branch breed broad
bronchiologram bronchogram bronchovascular bulb bullet bursa busyness butterfly buttock c1 c2 c3 c4 c5 c6 c7 cad calcaneus calcium calculated calculation
calculations calf calibration callosum calyx canal cardiology cardiovascular carina carnae carotid cartilage catalog cath catheter catheterization caudate cb cc
centimeter central centrilobular cephalic cerebellar cerebellum cerebral cerebrospinal certainty cervico-thoracic cervix chair chamber change changed changes
characteristics cheek chi-square chiasm chinese choline chordae choroid-sclera chronic cingulum circle circulating circulatory circumference circumflex
circumscribed citrate class clavicular clinical clip clockface closed cluster co-occurrence coalescent coarse coarseness coccyx coefficient coeliacus coil
collapse collateral collection collocation column comment comments commissure committee common communicating communication communis compactness comparison
complete complex complexity complication complications component composite composition computed concentration concern conclusion conclusions conditions conduit
conference confluence congenital consultant consulting content context contiguous continuation contour contouring controller convex coordinate coordinates
coracoid cordis cornea corona corpus correlation cortex corticospinal costal costarum costocervical couinaud count country counts course cranial cranium
creatine crescent criteria critical cubic cubital curve curved d-w data date datetime day decrease decreased deep defect deferens defined definition degree
degrees deltoid demarcated dense densities density department dependence dependent deployment depth derivation derivative descendants descending description
descriptions descriptor designator detected detection detections deutsch deviation device dexa diagnosis diagnostic diagonal diameter dicom diencephalon
difference differential diffuse diffusion digital dimensional disc discharge discoid discrete dispersion displacement display disposition disproportion
disseminated dissimilarity distal distance distinctly distortion distributed distribution division document documented doppler dorsal dorsalis dorsi dosimetric
double drug duct ductus duodenum dura duration during dxx dxy dxz dyy dyz dzz ear ecg echo echocardiography echogenicity editing eggshell elasticity elbow
electrical electronic electrophysiology eligibility ellipsoid elliptic elm elongation emphasis enclosing encoded end ended endo-nasal endo-nasopharyngeal
endo-vesical endobronchial endotracheal english enlarged entire entorhinal entropy entry epigastric equation equipment equivalent erector esophageal estimated
estimation ethics ethmoid evaluation event evidence exam examination exclusion exercise expired exponent export exposed exposure extent external extraction
extremely extremities eye eyeball eyelid facet facial failed failure fallopian false family fascia fascial fasciculus fast feature features feeding female
femoral femoris femur fetal fetus fetuses fibrocalcific fibroglandular fibronodular fibula fiducial field fifth file filler finder finger fissure fistula
flatness fleischner flight flocculent flow fluffy fluoroscopy focal fontanel foot foramen forearm foreign fornix fossa fourth fractal fraction fractional frames
french frequency from frontal function gamma gastric gastrocnemius gastroduodenal gcl gender general generalized generated genicular genitalia geometric
geometry german ggn girdle gland glcm glenoid globus glutamate glutamine glycolysis gradient gradient-weighted graft gram granular gray greyscale groove group
grouping gyn half-peak halo heading heel height hemisphere hemithorax hemodynamic hemorrhage heterogeneous hfl hiatus high hippocampus histogram history holter
homogeneous honeycomb horizontal hounsfield hour hull hyoid hyper-acute hypochondriac hypogastric hypopharynx iauc iauc180 iauc180bn iauc60 iauc60bn iauc90
iauc90bn iaucbn ict identification identifier ii iii ileal ileum iliac iliocostalis ilium illustration ilm images imaging implant important impression
impressions inappropriate including inclusion incomplete incorrect increase increased indeterminate indexed indication indications individual inferior
infiltrate inflow information infra-renal infraspinatus inguinal inhomogeneous inl inner innermost innominate inositol input institutionally insula integral
integrated integration intensity intent inter-marker interatrial intercostal interdigitating interest interface interlobar interlobular intermediate intern
internal interpretation interpreting interquartile interstitial interval intervention interventional interventricular intervertebral intestine intima
intra-abdominopelvic intra-articular intra-pelvic intra-thoracic intracranial intrahepatic intralobular inverse involvement iodized ipl irradiation irregular
issue isthmus item items jaw jejunostomy jejunum jewelry joint jugular junction juxtaposed kep kerley key kilogram kingdom known ktrans kurtosis l1 l2 l3 l4 l5
lab lacrimal lactate lamina laminated language largest last lateral laterality laterals latissimus layer leading least lemniscus length less lesser levatores
library ligament ligamentum likelihood likely limb limbic limiting line linear lines lingual lipid list liter litigation lobar lobular lobulated lobule local
localization location locations log long longest longissimus longitudinal lot lucency lumbo-sacral lumen lwh lymphatic m1 m2 machine magnetic magnetization main
maintenance major male malignancy malignant mammary mammography mandible manifest manubrium manufacturer map maps margin marginal margins mark marker mastoid
mater material matrix matter maxilla maximum mean meaning measure measured measurement measurements mechanical media medial median medical medications medicine
membrane meninges mercury mesenteric mesh metabolic metabolite method micrometer micronodule micronodules mid midbrain midlung mild miliary milliliter
millimeter millimeters millimetre millisecond minimum minor minute mitral modality mode moderate modifier moment mono-exponential month more morphology mosaic
most mother mouth multifocal multiparametric multiplanar multiple multiplication muscles muscular n-acetylaspartate nadir name nasal nasopharynx needle negative
nerve nervous network neurohypophysis ngldm ngtdm nigra nipple nodular non-coplanar non-lesion non-target non-uniformity none nonuniformity normality normalized
nose not notch nuclear nucleus numeric nurbs nurse nursing object objects obscured observable observation observations observed observer obstetric occipital
occupancy of oil oligemia omental omentum oncology onset opaque operator ophthalmic opl optic orbital order organization orientation oriented origin osseous
ossification ostium out outer outflow outline output ovarian ovary over overall oxygen oxygenation p1 p2 pacemaker pacing palate palatine pallidus pancreatic
parameter parameters paranasal paraspinal parasternal parathyroid parenchymal parietal parotid part partial partially patella patent path pathology pathway
patient pattern peak pectoral pectoralis pedicle pedis peduncle peer penis percent percentage percentile percutaneous perforating perforator perforators
performance performed performing perfusion pericardial pericardiophrenic perimeter perineum peripheral peritioneum peritoneal peroneal perpendicular person
pharynx photoreceptors phrenic physical physician physicist pia pineal pituitary placer plan planning plantar plate-like pleonemia pneumomediastinum
pneumothorax point policy polygon poorly popcorn-like popliteal population portacath portosystemic position positioner positioning positive post-chemotherapy
post-operative post-radiation posterior posterolateral posttreatment practitioner pre-existing pre-operative pre-planning preliminary prescription presence
present presentation pretreatment previous primitive principal printing prior private probabilistic probability problem procedure procedures process profile
profunda profusion progression progressive projection proliferation proliferative prominence proper properties prosthesis protection proton provider proximal
proximity pseudoplaque pseudotumor publication pulse purpose putamen qa quadrant qualitative quantitative quantity quartile quotation quoted r-coefficient r1 r2
r2-coefficient radial radiata radiation radiographer radiographic radiography radiologic radiology radius ramus range ranking rano rate rating ratio rct reader
real reason reasons received recent recess recist recommendation recommendations recommended record recording rectum recurrence reference references referral
referring reformatting regional registrar registry rejected relationship relative removed rendering rendition report reported representation representative
request requested requesting research resident resistance response result results resume retention reticular reticulonodular retina retinal retroperitoneal
review reviewed reviewer rgb ring risk rnfl robust role room root round rounded row rpe rtv run runs s s1 sacro-coccygeal sacroiliac sacrum safety saliency
salivary sample saphenofemoral saphenopopliteal saphenous scalene scalenous scalp scapula scapular sclera sclerosis scope score scoring scrotum scrub second
section sections segmental segmented selected selection sella seminal sensitivity septal septum serial serratus sesamoid session set setup severe severity sex
shadow shaft shape sharply shift short shortest shunt sigma sigmoid signal signed signet-ring significance significant silhouette similar simulation single
siphon site sixth size skeletal skewness slide slight slow smallest software soleal solid sonographer sonologist sop source space spatially-related species
specificity specimen spectroscopy speed sphenoid sphere spherical sphericity spiculated spiculation spin spinae spinalis spinous splenic square stable stage
stage-view standardized standby staple start started statement states status stem stent step stereo sternal sternoclavicular sternocleidomastoid stopping
strength stress striatum stripe structures study subacute subarachnoid subclavian subcortical subcostal subject submandibular submental submission subpleural
subscapular subscapularis subsolid substance substantia subtype subxiphoid successful successor suggested sum summary summation superficial superior support
supra-renal supraclavicular suprapulmonic supraspinatus suprasternal surgeon surgery susceptibility suspend suspicious suture suv suvbsa suvbw suvibw suvlbm
sympathetic symptoms synopsis system systemic systems t-test t1 t2 t3 t4 t5 t6 t7 t8 t9 tagging talc target tarsal tau teaching tech technical technique
technologist telencephalon temperature template temporally-related temporomandibular tendency tendineae tendon teres terminal tertiary testicle testicular
testis text texture thalamus than therapist therapy thigh third third-party this thoracis thoraco-lumbar three three-dimensional threshold thrombus thumb thymus
thyrocervical thyroid tibial time timing title tmax toe tomographic tongue too tooth topic topical total trabeculae tracer tracheotomy tracked tract tramline
transfer transit transjugular transplant transrectal transversus trapezius treatment tree-in-bud trial triatriatum tributary tricuspid true truncus trunk
tuarine tubercle tubes tubular turcica two two-dimensional type types uid ulnar ultrasound umbilical uncertain uncertainty unchanged uncinate under undetermined
uniformity unilateral unique unit united units unity unrelated unscheduled unsynchronized uptake ureter ureteric urethra urinary use used user uterine vagina
vagus values valve variance variant variation vas vasoconstriction vasodilation ve vein velocity ventilation ventilator ventricular verbal verification verified
verifying version vertebral vertical very vesicle vi video view views vii viii visible visual vocal volumetric vomer vp vulva wall waveform week weight weighted
well within workflow worklist workup worse worst wrist x x-ray xiphoid y ybr year years z z-score zone zones zygoma
`)
