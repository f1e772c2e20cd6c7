from claimflow.v1 import options_pb2 as _options_pb2
from google.type import date_pb2 as _date_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ClaimType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CLAIM_TYPE_UNSPECIFIED: _ClassVar[ClaimType]
    CLAIM_TYPE_PROFESSIONAL: _ClassVar[ClaimType]
    CLAIM_TYPE_INSTITUTIONAL: _ClassVar[ClaimType]
    CLAIM_TYPE_DENTAL: _ClassVar[ClaimType]

class CodeSystem(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODE_SYSTEM_UNSPECIFIED: _ClassVar[CodeSystem]
    CODE_SYSTEM_ICD_10_CM: _ClassVar[CodeSystem]
    CODE_SYSTEM_ICD_9_CM: _ClassVar[CodeSystem]
    CODE_SYSTEM_ICD_10_PCS: _ClassVar[CodeSystem]
    CODE_SYSTEM_ICD_9_PCS: _ClassVar[CodeSystem]
    CODE_SYSTEM_HCPCS: _ClassVar[CodeSystem]
    CODE_SYSTEM_CDT: _ClassVar[CodeSystem]
    CODE_SYSTEM_SNOMED_CT: _ClassVar[CodeSystem]
    CODE_SYSTEM_RXNORM: _ClassVar[CodeSystem]
    CODE_SYSTEM_CVX: _ClassVar[CodeSystem]
    CODE_SYSTEM_LOINC: _ClassVar[CodeSystem]
    CODE_SYSTEM_LOCAL: _ClassVar[CodeSystem]

class TaxIdType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TAX_ID_TYPE_UNSPECIFIED: _ClassVar[TaxIdType]
    TAX_ID_TYPE_EIN: _ClassVar[TaxIdType]
    TAX_ID_TYPE_SSN: _ClassVar[TaxIdType]

class DiagnosisQualifier(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIAGNOSIS_QUALIFIER_UNSPECIFIED: _ClassVar[DiagnosisQualifier]
    DIAGNOSIS_QUALIFIER_PRINCIPAL: _ClassVar[DiagnosisQualifier]
    DIAGNOSIS_QUALIFIER_OTHER: _ClassVar[DiagnosisQualifier]
    DIAGNOSIS_QUALIFIER_ADMITTING: _ClassVar[DiagnosisQualifier]
    DIAGNOSIS_QUALIFIER_PATIENT_REASON: _ClassVar[DiagnosisQualifier]
    DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE: _ClassVar[DiagnosisQualifier]
CLAIM_TYPE_UNSPECIFIED: ClaimType
CLAIM_TYPE_PROFESSIONAL: ClaimType
CLAIM_TYPE_INSTITUTIONAL: ClaimType
CLAIM_TYPE_DENTAL: ClaimType
CODE_SYSTEM_UNSPECIFIED: CodeSystem
CODE_SYSTEM_ICD_10_CM: CodeSystem
CODE_SYSTEM_ICD_9_CM: CodeSystem
CODE_SYSTEM_ICD_10_PCS: CodeSystem
CODE_SYSTEM_ICD_9_PCS: CodeSystem
CODE_SYSTEM_HCPCS: CodeSystem
CODE_SYSTEM_CDT: CodeSystem
CODE_SYSTEM_SNOMED_CT: CodeSystem
CODE_SYSTEM_RXNORM: CodeSystem
CODE_SYSTEM_CVX: CodeSystem
CODE_SYSTEM_LOINC: CodeSystem
CODE_SYSTEM_LOCAL: CodeSystem
TAX_ID_TYPE_UNSPECIFIED: TaxIdType
TAX_ID_TYPE_EIN: TaxIdType
TAX_ID_TYPE_SSN: TaxIdType
DIAGNOSIS_QUALIFIER_UNSPECIFIED: DiagnosisQualifier
DIAGNOSIS_QUALIFIER_PRINCIPAL: DiagnosisQualifier
DIAGNOSIS_QUALIFIER_OTHER: DiagnosisQualifier
DIAGNOSIS_QUALIFIER_ADMITTING: DiagnosisQualifier
DIAGNOSIS_QUALIFIER_PATIENT_REASON: DiagnosisQualifier
DIAGNOSIS_QUALIFIER_EXTERNAL_CAUSE: DiagnosisQualifier

class Address(_message.Message):
    __slots__ = ("lines", "city", "state", "postal_code", "country_code")
    LINES_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[str]
    city: str
    state: str
    postal_code: str
    country_code: str
    def __init__(self, lines: _Optional[_Iterable[str]] = ..., city: _Optional[str] = ..., state: _Optional[str] = ..., postal_code: _Optional[str] = ..., country_code: _Optional[str] = ...) -> None: ...

class Provider(_message.Message):
    __slots__ = ("npi", "tax_id", "tax_id_type", "taxonomy_code", "name", "first_name", "address", "other_id")
    NPI_FIELD_NUMBER: _ClassVar[int]
    TAX_ID_FIELD_NUMBER: _ClassVar[int]
    TAX_ID_TYPE_FIELD_NUMBER: _ClassVar[int]
    TAXONOMY_CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    OTHER_ID_FIELD_NUMBER: _ClassVar[int]
    npi: str
    tax_id: str
    tax_id_type: TaxIdType
    taxonomy_code: str
    name: str
    first_name: str
    address: Address
    other_id: str
    def __init__(self, npi: _Optional[str] = ..., tax_id: _Optional[str] = ..., tax_id_type: _Optional[_Union[TaxIdType, str]] = ..., taxonomy_code: _Optional[str] = ..., name: _Optional[str] = ..., first_name: _Optional[str] = ..., address: _Optional[_Union[Address, _Mapping]] = ..., other_id: _Optional[str] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("member_id", "last_name", "first_name", "middle_name", "birth_date", "death_date", "sex_code", "address", "relationship_code")
    MEMBER_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    MIDDLE_NAME_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    DEATH_DATE_FIELD_NUMBER: _ClassVar[int]
    SEX_CODE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    RELATIONSHIP_CODE_FIELD_NUMBER: _ClassVar[int]
    member_id: str
    last_name: str
    first_name: str
    middle_name: str
    birth_date: _date_pb2.Date
    death_date: _date_pb2.Date
    sex_code: str
    address: Address
    relationship_code: str
    def __init__(self, member_id: _Optional[str] = ..., last_name: _Optional[str] = ..., first_name: _Optional[str] = ..., middle_name: _Optional[str] = ..., birth_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., death_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., sex_code: _Optional[str] = ..., address: _Optional[_Union[Address, _Mapping]] = ..., relationship_code: _Optional[str] = ...) -> None: ...

class Payer(_message.Message):
    __slots__ = ("payer_id", "name")
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    payer_id: str
    name: str
    def __init__(self, payer_id: _Optional[str] = ..., name: _Optional[str] = ...) -> None: ...

class Diagnosis(_message.Message):
    __slots__ = ("qualifier", "code_system", "code", "present_on_admission_code")
    QUALIFIER_FIELD_NUMBER: _ClassVar[int]
    CODE_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PRESENT_ON_ADMISSION_CODE_FIELD_NUMBER: _ClassVar[int]
    qualifier: DiagnosisQualifier
    code_system: CodeSystem
    code: str
    present_on_admission_code: str
    def __init__(self, qualifier: _Optional[_Union[DiagnosisQualifier, str]] = ..., code_system: _Optional[_Union[CodeSystem, str]] = ..., code: _Optional[str] = ..., present_on_admission_code: _Optional[str] = ...) -> None: ...

class IcdProcedure(_message.Message):
    __slots__ = ("code_system", "code", "procedure_date")
    CODE_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_DATE_FIELD_NUMBER: _ClassVar[int]
    code_system: CodeSystem
    code: str
    procedure_date: _date_pb2.Date
    def __init__(self, code_system: _Optional[_Union[CodeSystem, str]] = ..., code: _Optional[str] = ..., procedure_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class OccurrenceCode(_message.Message):
    __slots__ = ("code", "from_date", "through_date")
    CODE_FIELD_NUMBER: _ClassVar[int]
    FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    THROUGH_DATE_FIELD_NUMBER: _ClassVar[int]
    code: str
    from_date: _date_pb2.Date
    through_date: _date_pb2.Date
    def __init__(self, code: _Optional[str] = ..., from_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., through_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class ValueCode(_message.Message):
    __slots__ = ("code", "amount")
    CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    code: str
    amount: str
    def __init__(self, code: _Optional[str] = ..., amount: _Optional[str] = ...) -> None: ...

class RelatedCause(_message.Message):
    __slots__ = ("code", "state")
    CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    code: str
    state: str
    def __init__(self, code: _Optional[str] = ..., state: _Optional[str] = ...) -> None: ...

class AttachmentIndicator(_message.Message):
    __slots__ = ("report_type_code", "transmission_code", "control_number")
    REPORT_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    TRANSMISSION_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    report_type_code: str
    transmission_code: str
    control_number: str
    def __init__(self, report_type_code: _Optional[str] = ..., transmission_code: _Optional[str] = ..., control_number: _Optional[str] = ...) -> None: ...

class Adjustment(_message.Message):
    __slots__ = ("group_code", "reason_code", "amount", "quantity")
    GROUP_CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    group_code: str
    reason_code: str
    amount: str
    quantity: str
    def __init__(self, group_code: _Optional[str] = ..., reason_code: _Optional[str] = ..., amount: _Optional[str] = ..., quantity: _Optional[str] = ...) -> None: ...

class PriorPayer(_message.Message):
    __slots__ = ("payer", "payer_sequence", "claim_filing_indicator", "paid_amount", "remaining_patient_liability", "adjustments")
    PAYER_FIELD_NUMBER: _ClassVar[int]
    PAYER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FILING_INDICATOR_FIELD_NUMBER: _ClassVar[int]
    PAID_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_PATIENT_LIABILITY_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    payer: Payer
    payer_sequence: str
    claim_filing_indicator: str
    paid_amount: str
    remaining_patient_liability: str
    adjustments: _containers.RepeatedCompositeFieldContainer[Adjustment]
    def __init__(self, payer: _Optional[_Union[Payer, _Mapping]] = ..., payer_sequence: _Optional[str] = ..., claim_filing_indicator: _Optional[str] = ..., paid_amount: _Optional[str] = ..., remaining_patient_liability: _Optional[str] = ..., adjustments: _Optional[_Iterable[_Union[Adjustment, _Mapping]]] = ...) -> None: ...

class PriorPayerLine(_message.Message):
    __slots__ = ("payer_id", "paid_amount", "units_paid", "adjustments", "adjudication_date")
    PAYER_ID_FIELD_NUMBER: _ClassVar[int]
    PAID_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    UNITS_PAID_FIELD_NUMBER: _ClassVar[int]
    ADJUSTMENTS_FIELD_NUMBER: _ClassVar[int]
    ADJUDICATION_DATE_FIELD_NUMBER: _ClassVar[int]
    payer_id: str
    paid_amount: str
    units_paid: str
    adjustments: _containers.RepeatedCompositeFieldContainer[Adjustment]
    adjudication_date: _date_pb2.Date
    def __init__(self, payer_id: _Optional[str] = ..., paid_amount: _Optional[str] = ..., units_paid: _Optional[str] = ..., adjustments: _Optional[_Iterable[_Union[Adjustment, _Mapping]]] = ..., adjudication_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ...) -> None: ...

class Procedure(_message.Message):
    __slots__ = ("code_system", "code", "modifiers", "description")
    CODE_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MODIFIERS_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    code_system: CodeSystem
    code: str
    modifiers: _containers.RepeatedScalarFieldContainer[str]
    description: str
    def __init__(self, code_system: _Optional[_Union[CodeSystem, str]] = ..., code: _Optional[str] = ..., modifiers: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ...) -> None: ...

class Drug(_message.Message):
    __slots__ = ("ndc", "quantity", "unit_code")
    NDC_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_CODE_FIELD_NUMBER: _ClassVar[int]
    ndc: str
    quantity: str
    unit_code: str
    def __init__(self, ndc: _Optional[str] = ..., quantity: _Optional[str] = ..., unit_code: _Optional[str] = ...) -> None: ...

class Tooth(_message.Message):
    __slots__ = ("number", "surfaces", "oral_cavity_codes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SURFACES_FIELD_NUMBER: _ClassVar[int]
    ORAL_CAVITY_CODES_FIELD_NUMBER: _ClassVar[int]
    number: str
    surfaces: _containers.RepeatedScalarFieldContainer[str]
    oral_cavity_codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[str] = ..., surfaces: _Optional[_Iterable[str]] = ..., oral_cavity_codes: _Optional[_Iterable[str]] = ...) -> None: ...

class ServiceLine(_message.Message):
    __slots__ = ("line_number", "line_control_number", "procedure", "revenue_code", "drug", "charge", "units", "unit_basis_code", "service_from_date", "service_through_date", "place_of_service_code", "emergency", "epsdt", "family_planning", "diagnosis_pointers", "tooth", "rendering_provider", "prior_payer_lines", "note")
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    LINE_CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PROCEDURE_FIELD_NUMBER: _ClassVar[int]
    REVENUE_CODE_FIELD_NUMBER: _ClassVar[int]
    DRUG_FIELD_NUMBER: _ClassVar[int]
    CHARGE_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    UNIT_BASIS_CODE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_THROUGH_DATE_FIELD_NUMBER: _ClassVar[int]
    PLACE_OF_SERVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    EMERGENCY_FIELD_NUMBER: _ClassVar[int]
    EPSDT_FIELD_NUMBER: _ClassVar[int]
    FAMILY_PLANNING_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSIS_POINTERS_FIELD_NUMBER: _ClassVar[int]
    TOOTH_FIELD_NUMBER: _ClassVar[int]
    RENDERING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PRIOR_PAYER_LINES_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    line_number: int
    line_control_number: str
    procedure: Procedure
    revenue_code: str
    drug: Drug
    charge: str
    units: str
    unit_basis_code: str
    service_from_date: _date_pb2.Date
    service_through_date: _date_pb2.Date
    place_of_service_code: str
    emergency: bool
    epsdt: bool
    family_planning: bool
    diagnosis_pointers: _containers.RepeatedScalarFieldContainer[int]
    tooth: Tooth
    rendering_provider: Provider
    prior_payer_lines: _containers.RepeatedCompositeFieldContainer[PriorPayerLine]
    note: str
    def __init__(self, line_number: _Optional[int] = ..., line_control_number: _Optional[str] = ..., procedure: _Optional[_Union[Procedure, _Mapping]] = ..., revenue_code: _Optional[str] = ..., drug: _Optional[_Union[Drug, _Mapping]] = ..., charge: _Optional[str] = ..., units: _Optional[str] = ..., unit_basis_code: _Optional[str] = ..., service_from_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., service_through_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., place_of_service_code: _Optional[str] = ..., emergency: _Optional[bool] = ..., epsdt: _Optional[bool] = ..., family_planning: _Optional[bool] = ..., diagnosis_pointers: _Optional[_Iterable[int]] = ..., tooth: _Optional[_Union[Tooth, _Mapping]] = ..., rendering_provider: _Optional[_Union[Provider, _Mapping]] = ..., prior_payer_lines: _Optional[_Iterable[_Union[PriorPayerLine, _Mapping]]] = ..., note: _Optional[str] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("system", "batch", "position", "charge_basis", "record_id")
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    BATCH_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    CHARGE_BASIS_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    system: str
    batch: str
    position: int
    charge_basis: str
    record_id: str
    def __init__(self, system: _Optional[str] = ..., batch: _Optional[str] = ..., position: _Optional[int] = ..., charge_basis: _Optional[str] = ..., record_id: _Optional[str] = ...) -> None: ...

class ClaimDocument(_message.Message):
    __slots__ = ("type", "patient_control_number", "frequency_code", "original_claim_number", "total_charge", "currency_code", "place_of_service_code", "facility_type_code", "claim_filing_indicator", "payer_sequence", "payer", "billing_provider", "rendering_provider", "referring_provider", "attending_provider", "operating_provider", "service_facility", "pay_to_provider", "subscriber", "patient", "group_number", "diagnoses", "service_lines", "statement_from_date", "statement_through_date", "admission_date", "discharge_date", "discharge_hour", "patient_status_code", "admission_type_code", "admission_source_code", "onset_date", "accident_date", "last_menstrual_period_date", "similar_illness_date", "related_causes", "prior_authorization_number", "referral_number", "icd_procedures", "drg_code", "occurrence_codes", "value_codes", "condition_codes", "assignment_of_benefits_code", "release_of_information_code", "provider_accept_assignment_code", "attachments", "prior_payers", "notes", "source", "line_of_business", "jurisdiction")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    PATIENT_CONTROL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    ORIGINAL_CLAIM_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CHARGE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    PLACE_OF_SERVICE_CODE_FIELD_NUMBER: _ClassVar[int]
    FACILITY_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FILING_INDICATOR_FIELD_NUMBER: _ClassVar[int]
    PAYER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PAYER_FIELD_NUMBER: _ClassVar[int]
    BILLING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    RENDERING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REFERRING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ATTENDING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    OPERATING_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FACILITY_FIELD_NUMBER: _ClassVar[int]
    PAY_TO_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBER_FIELD_NUMBER: _ClassVar[int]
    PATIENT_FIELD_NUMBER: _ClassVar[int]
    GROUP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    DIAGNOSES_FIELD_NUMBER: _ClassVar[int]
    SERVICE_LINES_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    STATEMENT_THROUGH_DATE_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_DATE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_DATE_FIELD_NUMBER: _ClassVar[int]
    DISCHARGE_HOUR_FIELD_NUMBER: _ClassVar[int]
    PATIENT_STATUS_CODE_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_TYPE_CODE_FIELD_NUMBER: _ClassVar[int]
    ADMISSION_SOURCE_CODE_FIELD_NUMBER: _ClassVar[int]
    ONSET_DATE_FIELD_NUMBER: _ClassVar[int]
    ACCIDENT_DATE_FIELD_NUMBER: _ClassVar[int]
    LAST_MENSTRUAL_PERIOD_DATE_FIELD_NUMBER: _ClassVar[int]
    SIMILAR_ILLNESS_DATE_FIELD_NUMBER: _ClassVar[int]
    RELATED_CAUSES_FIELD_NUMBER: _ClassVar[int]
    PRIOR_AUTHORIZATION_NUMBER_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ICD_PROCEDURES_FIELD_NUMBER: _ClassVar[int]
    DRG_CODE_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_CODES_FIELD_NUMBER: _ClassVar[int]
    VALUE_CODES_FIELD_NUMBER: _ClassVar[int]
    CONDITION_CODES_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_OF_BENEFITS_CODE_FIELD_NUMBER: _ClassVar[int]
    RELEASE_OF_INFORMATION_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCEPT_ASSIGNMENT_CODE_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    PRIOR_PAYERS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    LINE_OF_BUSINESS_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    type: ClaimType
    patient_control_number: str
    frequency_code: str
    original_claim_number: str
    total_charge: str
    currency_code: str
    place_of_service_code: str
    facility_type_code: str
    claim_filing_indicator: str
    payer_sequence: str
    payer: Payer
    billing_provider: Provider
    rendering_provider: Provider
    referring_provider: Provider
    attending_provider: Provider
    operating_provider: Provider
    service_facility: Provider
    pay_to_provider: Provider
    subscriber: Person
    patient: Person
    group_number: str
    diagnoses: _containers.RepeatedCompositeFieldContainer[Diagnosis]
    service_lines: _containers.RepeatedCompositeFieldContainer[ServiceLine]
    statement_from_date: _date_pb2.Date
    statement_through_date: _date_pb2.Date
    admission_date: _date_pb2.Date
    discharge_date: _date_pb2.Date
    discharge_hour: str
    patient_status_code: str
    admission_type_code: str
    admission_source_code: str
    onset_date: _date_pb2.Date
    accident_date: _date_pb2.Date
    last_menstrual_period_date: _date_pb2.Date
    similar_illness_date: _date_pb2.Date
    related_causes: _containers.RepeatedCompositeFieldContainer[RelatedCause]
    prior_authorization_number: str
    referral_number: str
    icd_procedures: _containers.RepeatedCompositeFieldContainer[IcdProcedure]
    drg_code: str
    occurrence_codes: _containers.RepeatedCompositeFieldContainer[OccurrenceCode]
    value_codes: _containers.RepeatedCompositeFieldContainer[ValueCode]
    condition_codes: _containers.RepeatedScalarFieldContainer[str]
    assignment_of_benefits_code: str
    release_of_information_code: str
    provider_accept_assignment_code: str
    attachments: _containers.RepeatedCompositeFieldContainer[AttachmentIndicator]
    prior_payers: _containers.RepeatedCompositeFieldContainer[PriorPayer]
    notes: _containers.RepeatedScalarFieldContainer[str]
    source: Source
    line_of_business: str
    jurisdiction: str
    def __init__(self, type: _Optional[_Union[ClaimType, str]] = ..., patient_control_number: _Optional[str] = ..., frequency_code: _Optional[str] = ..., original_claim_number: _Optional[str] = ..., total_charge: _Optional[str] = ..., currency_code: _Optional[str] = ..., place_of_service_code: _Optional[str] = ..., facility_type_code: _Optional[str] = ..., claim_filing_indicator: _Optional[str] = ..., payer_sequence: _Optional[str] = ..., payer: _Optional[_Union[Payer, _Mapping]] = ..., billing_provider: _Optional[_Union[Provider, _Mapping]] = ..., rendering_provider: _Optional[_Union[Provider, _Mapping]] = ..., referring_provider: _Optional[_Union[Provider, _Mapping]] = ..., attending_provider: _Optional[_Union[Provider, _Mapping]] = ..., operating_provider: _Optional[_Union[Provider, _Mapping]] = ..., service_facility: _Optional[_Union[Provider, _Mapping]] = ..., pay_to_provider: _Optional[_Union[Provider, _Mapping]] = ..., subscriber: _Optional[_Union[Person, _Mapping]] = ..., patient: _Optional[_Union[Person, _Mapping]] = ..., group_number: _Optional[str] = ..., diagnoses: _Optional[_Iterable[_Union[Diagnosis, _Mapping]]] = ..., service_lines: _Optional[_Iterable[_Union[ServiceLine, _Mapping]]] = ..., statement_from_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., statement_through_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., admission_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., discharge_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., discharge_hour: _Optional[str] = ..., patient_status_code: _Optional[str] = ..., admission_type_code: _Optional[str] = ..., admission_source_code: _Optional[str] = ..., onset_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., accident_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., last_menstrual_period_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., similar_illness_date: _Optional[_Union[_date_pb2.Date, _Mapping]] = ..., related_causes: _Optional[_Iterable[_Union[RelatedCause, _Mapping]]] = ..., prior_authorization_number: _Optional[str] = ..., referral_number: _Optional[str] = ..., icd_procedures: _Optional[_Iterable[_Union[IcdProcedure, _Mapping]]] = ..., drg_code: _Optional[str] = ..., occurrence_codes: _Optional[_Iterable[_Union[OccurrenceCode, _Mapping]]] = ..., value_codes: _Optional[_Iterable[_Union[ValueCode, _Mapping]]] = ..., condition_codes: _Optional[_Iterable[str]] = ..., assignment_of_benefits_code: _Optional[str] = ..., release_of_information_code: _Optional[str] = ..., provider_accept_assignment_code: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[AttachmentIndicator, _Mapping]]] = ..., prior_payers: _Optional[_Iterable[_Union[PriorPayer, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ..., source: _Optional[_Union[Source, _Mapping]] = ..., line_of_business: _Optional[str] = ..., jurisdiction: _Optional[str] = ...) -> None: ...
