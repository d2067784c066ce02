package deid

import (
	"regexp"
	"strings"
)

// vocabulary holds the words that may stay in free text: what describes a scan,
// its anatomy, findings that datasets are labelled by, and technique, in
// English, German, French, Spanish, Italian, Chinese, Japanese and Korean. Titles,
// ranks and words that are usual names are left out.
var vocabulary = wordSet(`
ct cta mr mri mra pet petct ac nac cr dx spect cbct hrct ldct lowdose lowd ultralowdose
scan scans scout topogram localizer localiser survey surview scanogram tomogram series study image images slice slices volume frame phase acquisition
recon reconstruction reconstructed reformat reformatted mpr mip minip vrt thin thick axial ax coronal cor sagittal sag oblique transverse trans transaxial
helical spiral sequential sequence multislice dual energy single source cine dynamic perfusion gated gating trigger triggered bolus tracking timing monitoring premonitoring test
contrast enhanced enhancement unenhanced nonenhanced noncontrast plain native nativ arterial venous portal portovenous delayed delay late early equilibrium excretory post pre precontrast postcontrast iv oral km
without with w wo and or of the for in at to on from per non no not follow up followup control baseline screening routine standard std protocol trauma adult child pediatric paediatric infant
low dose high full ultra reduced normal regular resolution res hr hires lr ld sd fov large small medium wide narrow extended
chest thorax thoracic lung lungs pulmonary pulmo airway airways trachea tracheal bronchi bronchus bronchial bronchial mediastinum mediastinal pleura pleural hilum hilar lobe lobes upper lower middle left right bilateral
apex apical base basal segment segments lingula diaphragm rib ribs sternum clavicle spine vertebra vertebrae cervical lumbar thoracolumbar skeleton bone bones
heart cardiac coronary aorta aortic artery arteries vein veins vessel vessels vascular vena cava pericardium atrium ventricle myocardium
abdomen abdominal abd pelvis pelvic liver hepatic spleen kidney kidneys renal adrenal pancreas gallbladder stomach bowel colon esophagus oesophagus bladder prostate uterus body whole wb cap tap
head brain skull neck face sinus sinuses orbit temporal shoulder arm arms leg legs hip knee extremity breast breasts skin muscle fat soft tissue air gas fluid blood water
structure morphologically abnormal anatomical organ region regions roi voi mask label labels segmentation background foreground other unknown unspecified object surface contour
infection infections infected covid covid-19 covid19 pneumonia lesion lesions nodule nodules mass tumor tumour neoplasm cancer carcinoma metastasis metastases lymph node nodes ggo ground glass ground-glass opacity opacities opacification
consolidation consolidations effusion atelectasis fibrosis emphysema copd embolism embolus pe crazy paving reticulation honeycombing cavity edema oedema fracture calcification calcifications cyst disease findings finding viral bacterial inflammation
kernel filter sharp smooth soft hard medium standard detail edge boneplus chst stnd asir asirv idose admire safire veo sharpness iterative fbp window width level center centre hu hounsfield
slope intercept rescale pixel voxel spacing thickness increment pitch rotation table gantry tilt detector collimation tube current voltage kvp kv mas mgy dlp ctdi iec dosimetry phantom
automatic semiautomatic manual algorithm model quality artifact artifacts artefact motion noise breath hold breathhold inspiration inspiratory expiration expiratory exp insp prone supine lateral decubitus feet first position patient
red blue yellow orange purple pink light dark colour colored capillary altered relational concept qualifier id label tracking reversible irreversible compression compressed jpeg jpegls rle lossless
slicer 3dslicer slicereditor editor totalsegmentator nnunet unet monai dcmqi itk itksnap lidc bolus agent route oral intravenous iohexol iodine iodinated omnipaque ultravist iomeron visipaque isovue iopamidol iopromide iodixanol optiray xenetix gadolinium fdg flt fluorodeoxyglucose
primary secondary derived original processed processing operation note raw uncompressed lossless lossy referenced purpose reference attenuation correction corrected registration registered fused fusion subtraction
number instance dimension stack index value type category property spatial temporal functional groups code
lt rt gtv ctv ptv itv prv oar boost areola border borders scar bed seroma lumpectomy spinal cord canal larynx thyroid humerus scapula carina great chestwall couch external
lunge lungen brust bauch becken kopf hals herz leber niere milz abdomen schädel wirbelsäule oberbauch nativ nativserie kontrastmittel ohne mit und niedrigdosis verlaufskontrolle weichteil weichteile knochen scharf weich
胸部 胸 肺 肺部 平扫 增强 扫描 薄层 高分辨 低剂量 腹部 头部 颈部 冠状位 矢状位 轴位 纵隔 骨窗 肺窗 纵隔窗 重建 感染 肺炎 新冠 病灶 左肺 右肺 上叶 中叶 下叶 磨玻璃 实变 对比剂 动脉期 静脉期 延迟期 定位像 双肺
` + moreEnglish + moreGerman + moreFrench + moreSpanish + moreChinese + moreJapanese + moreKorean)

// standardWords are further words that files hold whoever the patient is:
// vendors, defined terms, and this package's own marks. A name that equals one,
// or lies within one, is not an identifier found.
var standardWords = wordSet(`
siemens healthineers healthcare philips toshiba canon hitachi ge medical systems corporation marconi picker elscint shimadzu neusoft united imaging uih acme agfa fujifilm kodak konica minolta nmt shanghai mindray sinovision minfound anke samsung neurologica carestream varian elekta
somatom sensation definition emotion force drive edge flash perspective scope sense brilliance ingenuity incisive mx iqon lightspeed discovery revolution optima brightspeed aquilion one prime genesis activion asteion biograph scenaria supria volume zoom plus open syngo
original primary secondary derived axial localizer mpr resampled monochrome monochrome1 monochrome2 rgb palette color none yes no iso ir gb18030 gbk normal warning other undefined mixed
head first feet supine prone decubitus ffs hfs ffp hfp hfdr hfdl ffdr ffdl cw cc us uncalibrated pixel pixels fractional binary probability occupancy manual semiautomatic automatic infinite
female male unaltered altered smoker unknown modified unmodified removed anonymous dcm srt sct ucum fma umls loinc mdc ncit
application confidentiality profile basic option graphics clean descriptors retain longitudinal temporal information dates patient characteristics identity research ctcohort full device uids safe private institution structured content data pixel ps ps3 table dummy invalid http iso
gems parm acqu helios sers elscint geiis pacs hologic inc header mr nqheader nqleft nqright ultrasound ultra-sound syngo toyon streaming pet
text num code datetime date time uidref pname composite waveform scoord scoord3d tcoord container contains has obs context concept mod properties acq inferred from selected separate continuous polyline point circle ellipse multipoint
render multiplanar surface projection quantity std dev calibration phantom body helical mode wedge flat bowtie large small standard bone lung detail edge soft xiphoid sternal notch
`)

// titles announce a person: the two words that follow go, whatever they are.
var titles = wordSet(`dr prof mrs miss md phd herr frau mme mlle doctor physician radiologist technologist operator name named called by born nee geb dob doktor docteur doctora doctor sra sr srta dott sig mtra arzt aerztin`)

// titled reports whether a word announces a person. Mr, Ms, Hr and Fr are told from MR, MS, HR and FR by their letters.
func titled(word string) bool {
	return titles[strings.ToLower(word)] || word == "Mr" || word == "Ms" || word == "Hr" || word == "Fr"
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// agents are contrast agents, whose concentration follows.
var agents = wordSet(`iohexol omnipaque ultravist iomeron visipaque isovue iopamidol iopromide iodixanol optiray xenetix contrast accupaque imeron solutrast oxilan iopamiro`)

// units follow a number.
var units = wordSet(`mm cm ml cc mg mgi kv kvp ma mas hu kev gy mgy`)

var (
	// measure is a number with its unit, a short decimal number, a matrix, or a number of dimensions.
	measure = regexp.MustCompile(`^(?:\d{1,4}(?:\.\d{1,3})?(?:mm|cm|ml|cc|mg|kv|kvp|ma|mas|mgy|sec|s|ms|min|hu|kev|%|x)|\d{1,3}\.\d{1,3}|\d{1,3}x\d{1,3}(?:\.\d{1,3})?(?:mm)?|[234]d)$`)
	// short is a number too short to identify by itself.
	short = regexp.MustCompile(`^\d{1,2}$`)
	// three is a number that stays beside a unit or a contrast agent.
	three = regexp.MustCompile(`^\d{3}$`)
	// kernelName is a reconstruction kernel, or its strength: B31f, Br40d, H30s, FC51, I70f, Q3.
	kernelName = regexp.MustCompile(`^(?:[bdhisptuq]\d{2}[a-z]?|[bdhiq][flruvp]\d{2}[a-z]?|fc\d{2}|q\d)$`)
	// numbered is a word with a short number before or after it: 1PETCT, Recon2.
	numbered = regexp.MustCompile(`^\d{0,2}(\pL{2,})\d{0,2}$`)
)

// described reports whether a word, in lower case, describes a scan.
func described(lower string) bool {
	if vocabulary[lower] {
		return true
	}
	for _, form := range inASCII(lower) {
		if vocabulary[form] {
			return true
		}
	}
	return false
}

// harmless reports whether a word, in lower case, may stay in free text.
func harmless(lower string) bool {
	if described(lower) || measure.MatchString(lower) || kernelName.MatchString(lower) {
		return true
	}
	m := numbered.FindStringSubmatch(lower)
	return m != nil && described(m[1])
}
