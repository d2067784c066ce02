"""Writes a report, key objects and a presentation state of CT images with highdicom, and reads de-identified ones.

usage: reports.py make FOLDER CT...     writes FOLDER/{sr,ko,pr}.dcm, with identifiers in every free text
       reports.py read FILE...          prints what highdicom understands of each

It shares no code with ctcohort.
"""

import sys
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from highdicom import sr
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

DOCTOR = "Small^Dora"
DEVICE = {"manufacturer": "ACME", "institution_name": "Klinikum Musterstadt"}


def unique(number):
    return f"1.2.276.0.7230010.9.{number}"


def measurement_report(images):
    person = sr.PersonObserverIdentifyingAttributes(name=DOCTOR, organization_name="Klinikum Musterstadt")
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=unique(1),
        name="WS-KLINIKUM-7",
        manufacturer_name="ACME",
        model_name="Viewer 3",
        serial_number="SN123",
        physical_location="Chest room",
    )
    context = sr.ObservationContext(
        observer_person_context=sr.ObserverContext(
            observer_type=codes.DCM.Person, observer_identifying_attributes=person
        ),
        observer_device_context=sr.ObserverContext(
            observer_type=codes.DCM.Device, observer_identifying_attributes=device
        ),
    )
    source = sr.SourceImageForRegion(
        referenced_sop_class_uid=images[0].SOPClassUID, referenced_sop_instance_uid=images[0].SOPInstanceUID
    )
    circle = np.array([[100.0, 100.0], [110.0, 100.0]])
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=unique(2), identifier="Musterfrau nodule 1"),
        referenced_region=sr.ImageRegion(
            graphic_type=sr.GraphicTypeValues.CIRCLE, graphic_data=circle, source_image=source
        ),
        finding_type=codes.SCT.Nodule,
        measurements=[sr.Measurement(name=codes.SCT.Diameter, value=12.5, unit=codes.UCUM.Millimeter)],
        qualitative_evaluations=[
            sr.QualitativeEvaluation(
                name=Code("RID5756", "RADLEX", "Margin"), value=Code("99-1", "99KLINIKUM", "Musterfrau's margin")
            )
        ],
        finding_sites=[sr.FindingSite(anatomic_location=codes.SCT.Lung, laterality=codes.SCT.Right)],
    )
    content = sr.MeasurementReport(
        observation_context=context, procedure_reported=codes.LN.CTUnspecifiedBodyRegion, imaging_measurements=[group]
    )
    return sr.Comprehensive3DSR(
        evidence=images,
        content=content,
        series_number=9,
        series_instance_uid=unique(3),
        sop_instance_uid=unique(4),
        instance_number=1,
        is_complete=True,
        is_final=True,
        is_verified=True,
        verifying_observer_name=DOCTOR,
        verifying_organization="Klinikum Musterstadt",
        **DEVICE,
    )


def key_objects(images):
    who = sr.ObserverContext(
        observer_type=codes.DCM.Person,
        observer_identifying_attributes=sr.PersonObserverIdentifyingAttributes(name=DOCTOR),
    )
    content = hd.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest,
        referenced_objects=images,
        observer_person_context=who,
        description="Musterfrau: nodule in right lung",
    )
    return hd.ko.KeyObjectSelectionDocument(
        evidence=images,
        content=content,
        series_number=10,
        series_instance_uid=unique(5),
        sop_instance_uid=unique(6),
        instance_number=1,
        **DEVICE,
    )


def presentation_state(images):
    layer = hd.pr.GraphicLayer("LAYER1", order=1, description="Musterfrau lesion")
    pixels = hd.pr.AnnotationUnitsValues.PIXEL
    circle = hd.pr.GraphicObject(
        graphic_type=hd.pr.GraphicTypeValues.CIRCLE,
        graphic_data=np.array([[100.0, 100.0], [110.0, 100.0]]),
        units=pixels,
    )
    texts = [
        hd.pr.TextObject(text_value=text, units=pixels, bounding_box=(10.0, 10.0, 50.0, 50.0))
        for text in ("nodule of Musterfrau", "Musterfrau")
    ]
    annotation = hd.pr.GraphicAnnotation(
        referenced_images=images, graphic_layer=layer, graphic_objects=[circle], text_objects=texts
    )
    return hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=images,
        series_number=11,
        series_instance_uid=unique(7),
        sop_instance_uid=unique(8),
        instance_number=1,
        manufacturer_model_name="M",
        software_versions="1",
        device_serial_number="SN123",
        content_label="ANNOTATIONS",
        content_description="lesion of Musterfrau",
        graphic_layers=[layer],
        graphic_annotations=[annotation],
        content_creator_name=DOCTOR,
        voi_lut_transformations=[hd.pr.SoftcopyVOILUTTransformation(window_center=40.0, window_width=400.0)],
        **DEVICE,
    )


def make(folder, paths):
    images = [pydicom.dcmread(path) for path in paths]
    for image in images:
        image.PatientName, image.PatientID, image.AccessionNumber = "Musterfrau^Erika", "MRN123456", "ACC55512"
    for name, written in ("sr", measurement_report), ("ko", key_objects), ("pr", presentation_state):
        written(images).save_as(Path(folder) / f"{name}.dcm")


def meaning(item):
    if "ConceptCodeSequence" in item:
        return item.ConceptCodeSequence[0].CodeMeaning
    if "MeasuredValueSequence" in item:
        measured = item.MeasuredValueSequence[0]
        return f"{measured.NumericValue} {measured.MeasurementUnitsCodeSequence[0].CodeValue}"
    return item.get("TextValue") or item.get("PersonName") or ""


def tree(item, depth=0):
    name = item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""
    print(f"{'  ' * depth}{item.ValueType} {name}: {meaning(item)}".rstrip(": "))
    for child in item.get("ContentSequence", []):
        tree(child, depth + 1)


def read(path):
    dataset = pydicom.dcmread(path)
    if "ContentSequence" in dataset:
        found = hd.ko.KeyObjectSelectionDocument.from_dataset(dataset) if dataset.Modality == "KO" else sr.srread(path)
        evidence = [
            len(series.ReferencedSOPSequence)
            for study in found.CurrentRequestedProcedureEvidenceSequence
            for series in study.ReferencedSeriesSequence
        ]
        print(f"{dataset.Modality}: images {evidence}, {found.get('VerificationFlag', '')}".rstrip(", "))
        return tree(dataset)
    print(f"PR: window {dataset.SoftcopyVOILUTSequence[0].WindowWidth}, {dataset.get('ContentDescription')}")
    for annotation in dataset.get("GraphicAnnotationSequence", []):
        print("  texts", [text.UnformattedTextValue for text in annotation.get("TextObjectSequence", [])])
        print("  shapes", [shape.GraphicType for shape in annotation.get("GraphicObjectSequence", [])])
    return None


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3:])
else:
    for file in sys.argv[2:]:
        read(file)
