package deid

// conceptWords are words of the meanings of standard codes (PS3.16: titles and
// headings of reports, observers, purposes of reference, measurements, chest
// anatomy and findings), beside the vocabulary of free text. They hold for the
// meaning of a code whose value has the standard's form, and nowhere else.
var conceptWords = wordSet(`
about abscess absent absolute accession accessory action activity addendum adenoma administered administration agatston age air-fluid air-trapping analysis anatomic anatomy angle angular anterior
appearance area array ascending arch assessment associated attenuated attenuator author average axillary axis azygoesophageal azygos band basilar beaded before benign best between biopsy border bounding branch bronchogram
bronchovascular cad calcium calculated calculation calculations calibration calf canal cardiology cardiovascular carina catheter central centrilobular certainty change changed changes chamber chronic circumference circumscribed clavicular
clinical clip coarse coefficient coil collapse collection comment comments comparison complete complication component composite computed concern conclusion conclusions conditions congenital content context contour coordinate
coordinates correlation costal count country criteria curve curved data date datetime decrease decreased degree dense densities density dependent depth derivation descendants descending description detected detection deviation device
diagnosis diagnostic diameter difference diffuse diffusion discoid discrete disposition distal distance distribution document documented drug during echo electronic elongation end ended endobronchial enclosing encoded entire
entropy equation equivalent estimated event evidence exam examination exclusion expired extent external family feature features field finder focal fraction frames frequency from general generated geometric geometry ggn gradient granular greyscale
group grouping halo heading heel height hemithorax hemorrhage heterogeneous high histogram history homogeneous identification identifier images implant important impression impressions inclusion incorrect increase increased
indeterminate indications indication inferior infiltrate inner integrated intensity interest interlobar interlobular internal interpretation interpreting interstitial interval intervention intra-thoracic intralobular irregular issue item items key known
kurtosis language largest last lateral laterality layer length likelihood likely line linear lines list lobar lobular local localization location locations long longest lucency lymphatic major malignancy malignant manifest manufacturer map
margin marginal margins marker material maximum mean measured measurement measurements medial median medications method micronodule micronodules mild miliary minimum minor moderate modality morphology mosaic
most multiple name negative nipple nodular non-lesion none normality not numeric object objects obscured observable observation observations observed observer of oligemia onset opaque operator order organization orientation
origin outer outline output overall parameter parameters parenchymal part partial partially path patient percent percentage perfusion performed performing perimeter peripheral perpendicular person physical physician plate-like pneumomediastinum pneumothorax
point popcorn-like position positive posterior pre-existing preliminary presence present presentation previous principal prior private probability problem procedure procedures profile progression prominence properties proximal
pulse purpose quantitative ratio reader reason reasons received recent recist recommendation recommendations record recording recording reference references referral referring regional rejected relationship relative rendering report reported representation representative
request requested response result results reticular reticulonodular review reviewed ring risk role rounded sample scapula score second section sections segmental segmented selected selection sensitivity session severe severity shape short shortest
significance significant similar single site size skewness slight solid source spatially-related species specificity specimen spherical spiculated spiculation spin stable stage standardized start started status structures study
subject subpleural subsolid subtype successful successor suggested summary superior support suspicious suv suvbw suvlbm suvbsa symptoms synopsis target technical technique teaching temperature template temporally-related tertiary text texture third third-party threshold thrombus thymus thyroid
time timing title topic topical total tracer tracked transplant tree-in-bud type types uid uncertain unchanged under unilateral unique unit units unrelated uptake use used user values variant variation vein velocity verified verifying version view views visible vocal
waveform weight weighted within workup worse worst zone
female male sex gender united kingdom states english german french chinese deutsch american
millimeter millimeters millimetre centimeter square cubic milliliter liter kilogram gram hounsfield becquerel gray millisecond minute hour day week month year years degrees percent ratio beats unity
`)
