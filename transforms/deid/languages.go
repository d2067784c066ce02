package deid

// Words of the vocabulary by language, beside those in words.go. European words
// stand without accents, which text is also looked up without (Tórax, venös). Words
// that are usual family names there (alta, corte, lang, klein) are left out where
// a description can do without.
const (
	moreEnglish = `
abdo abds pel pelv cont con c o wo wow ap pa lat latl iv civ noniv ptx ild uip nsip lam cf pbv dect spectral mono monoenergetic monoe virtual vnc vue map maps iodine score scoring calcium cac
smart prep smartprep sureexp surestart surekvp caredose caredose4d dlir dlir-h dlir-m dlir-l aidr aidr3d aice firstpass fastscan snapshot asir-v idose idose4 imr precise truefidelity hirres medium-smooth
portable emergency department icu inpatient outpatient followups initial interval surveillance staging restaging baseline annual screen screens program programme cancer oncology oncologic
interstitial disease diseases syndrome protocol protocols proto prot exam examination diagnostic therapeutic planning plan treatment radiotherapy rt biopsy guided guidance drainage ablation
embolus emboli embolic dissection aneurysm stenosis pneumothorax hemothorax empyema abscess bronchiectasis mosaic tree-in-bud granuloma granulomas sarcoid sarcoidosis silicosis asbestosis tuberculosis tb mycosis fungal
mm cm ml cc mg mgi kg sec secs second seconds min mins minute minutes hour hours hrs week weeks month months year years day days hu kev gy bpm rpm
average mean max maximum min minimum minip maxip averaged mips mprs thins thicks thk slab slabs stack axials coronals sagittals curved cpr vr ssd volrend endoscopy navigator
dose report summary page info statistics combined composite copy reformats additional extra repeat repeated retake redo extended limited complete partial upper mid lower whole total
breathing free deep shallow respiration respiratory diastole diastolic systole systolic ecg ekg prospective retrospective heartbeat phases bestdiast bestsyst best
soft_tissue softtissue mediast mediast medistinal pulm lungwindow bonewindow abdo ch abdpel chestabdpel cabdpel tapped thoraco thoracoabdominal supraclavicular axilla axillary esophageal hiatal subcarinal paratracheal
bilat unilateral anterior posterior superior inferior medial distal proximal central peripheral subpleural parenchyma parenchymal interlobar fissure carina
wholebody whole-body eyes thighs thigh vertex toe toes skullbase midthigh mid-thigh attenuationcorrection attn corr ctac nacct acct fusedct suv petac
low-dose high-res high-resolution non-contrast post-contrast pre-contrast follow-up w/o w/con w/wo wwo smart ultrafast turbo flash fast slow standard1 lung1 monitor trigger locator
yb ya yc eb ec ub uc lungen sfov lfov dfov wl ww`
	moreGerman = `
lungenfenster weichteilfenster knochenfenster mediastinalfenster lungenembolie lungenrundherd lungenrundherde rundherd rundherde lungenkarzinom bronchialkarzinom lungenparenchym lungenmetastasen
dunn duenn dunnschicht duennschicht schicht schichten schichtdicke spirale ubersicht uebersicht ganzkorper ganzkoerper oberkorper exspiration exspiratorisch inspiratorisch atemstillstand bauchlage ruckenlage rueckenlage
venos venoes arteriell arterielle portalvenos portalvenoes phase spatphase spaetphase fruhphase fruehphase verlauf kontrolle kontrollen rekonstruktion rekonstruktionen bildgebung untersuchung untersuchungen serie serien
rechts links rechte linke rechter linker rechtes linkes oberlappen mittellappen unterlappen beidseits bds obere untere mediastinum hilus pleuraerguss erguss pneumonie entzundung entzuendung infiltrat infiltrate fibrose
emphysem lymphknoten raumforderung tumorsuche fokussuche staging nachsorge vorsorge fruherkennung frueherkennung strahlentherapie bestrahlung bestrahlungsplanung planung punktion
angio angiographie gefasse gefaesse herzkranzgefasse koronar koronarien kardio aorten bauchaorta abdomenubersicht becken schadel schaedel hws bws lws oberarm unterarm
axial axiale coronar coronare koronare sagittal sagittale gekippt transversal transversale dosis dosisbericht dosisprotokoll patientenprotokoll kontrast kontrastmittelgabe mitkm ohnekm i.v iv oral rektal
hart mittel ultrahochauflosend hochauflosend hochaufloesend hochauflosung auflosung standardprotokoll niedrigdosis-ct notfall routine`
	moreFrench = `
tdm scanner thoracique thoraciques thoraco thoraco-abdominal abdominopelvien abdomino-pelvien abdomino pelvien pelvienne abdominale abdominal sans avec injection injecte injectee produit contraste iode angioscanner angiotdm
poumon poumons pulmonaire pulmonaires parenchyme mediastin mediastinale mediastinales osseux osseuse coupe coupes fine fines epais epaisse epaisses faible dose basse temps arteriel artere arterielle veineux veineuse portal tardif tardive
embolie nodule nodules depistage controle suivi bilan reperage topogramme inspiration expiration haute resolution axiale axiales coronale coronales sagittale sagittales reconstruction reconstructions fenetre mou mous tissus
droit droite gauche lobe superieur superieure inferieur inferieure moyen moyenne corps entier cou de du des la le les et en au aux cage infection infectieux foie rein reins coeur coronaire coronaires`
	moreSpanish = `
tc tac tomografia computarizada computada torax toracico toracica toracoabdominal sin con contraste resolucion pulmon pulmones pulmonar pulmonares mediastino mediastinico baja dosis tecar hueso oseo osea partes blandas
fase arterial venosa portal tardia simple axial coronal sagital reconstruccion reconstrucciones ventana cortes finos fino grueso inspiracion espiracion evolutivo seguimiento cribado nodulo nodulos cancer embolia tromboembolismo
neumonia lobulo superior inferior derecho derecha izquierdo izquierda cuello cerebro craneo higado rinon corazon cuerpo completo el los las del y de la a alta
tomografia computadorizada sem peito pulmao pulmoes baixa janela
torace toracica polmone polmoni polmonare senza mdc mezzo contrasto risoluzione finestra osso mediastinica addome pelvi encefalo collo bassa dose strato strati sottile sottili venosa portale tardiva basale controllo noduli
destro destra sinistro sinistra lobo superiore inferiore ricostruzione ricostruzioni e di del della il`
	moreChinese = `
常规 普通 三维 螺旋 复查 随访 筛查 体检 结节 肺结节 肺癌 肺动脉 肺静脉 肺栓塞 上腹部 上腹 下腹部 全腹 盆腔 高分辨率 分辨率 薄层扫描 层厚 软组织窗 软组织 窗 骨 增强扫描 强化 动脉 静脉 门脉期 期 血管 造影 成像 血管成像
左 右 左肺上叶 肺上叶 叶 肺叶 双侧 单侧 气道 气管 支气管 心脏 冠脉 冠状动脉 主动脉 肋骨 胸椎 肝 脾 肾 头颅 颈胸 胸腹 全身 低剂量螺旋 定位 扫描图 横断 横断位 轴位 斜位 吸气 呼气 吸气相 呼气相 延迟 钙化 积分 重组 后处理 剂量 报告 炎症 病毒性 新型冠状病毒 纤维化 肺气肿 胸腔积液
掃描 平掃 增強 縱隔窗 縱隔 冠狀 冠狀面 矢狀 矢狀面 軸位 低劑量 劑量 高解析度 解析度 電腦斷層 斷層 顯影 無顯影 對比劑 薄層 肺結節 肺動脈 腹部 骨盆 頸部`
	moreJapanese = `
単純 造影 非造影 肺野 条件 肺野条件 縦隔 縦隔条件 骨条件 低線量 線量 高分解能 分解能 がん 癌 肺癌 検診 健診 ドック 冠状断 矢状断 横断 横断像 軸位断 水平断 胸腹部 胸腹骨盤 骨盤 腹部 頭部 頸部 全身 動脈相 静脈相 平衡相 門脈相 遅延相 早期相 後期相 相
右肺 左肺 上葉 中葉 下葉 肺 スカウト ヘリカル ダイナミック スキャン 位置決め 撮影 再構成 画像 経過観察 経過 結節 肺炎 間質性 間質性肺炎 気管支 心臓 冠動脈 大動脈 肝臓 腎臓 吸気 呼気 仰臥位 腹臥位 薄切 処理 レポート 標準 軟部 軟部条件 ルーチン プロトコル マルチスライス`
	moreKorean = `
흉부 조영 비조영 조영증강 저선량 고해상도 해상도 폐 폐창 종격동 종격동창 골창 관상면 시상면 축상면 횡단면 재구성 복부 골반 두부 경부 전신 폐암 검진 선별검사 추적 추적검사 결절 폐결절 폐렴 동맥기 정맥기 문맥기 지연기 흡기 호기 단순 촬영 검사 영상 선량 심장 관상동맥 대동맥 간 신장 기관지 좌폐 우폐 상엽 중엽 하엽 얇은 절편 표준 프로토콜 나선형`
)
