"""What generated claims are made of: public codes without their texts, and made-up names.

A number beside a code is the natural logarithm of its middle charge in dollars.
"""

from __future__ import annotations

from typing import Final

from claimflow.v1.document_pb2 import Payer

# ICD-10-CM, release of April 2026, billable. More than 42 of them: see `_fill_diagnoses`.
_DIAGNOSIS_CODES = """
A419 B349 C61 D509 D649 E039 E1122 E119 E1165 E559 E6601 E7800 E785 E860 E876 F329 F411 F419 G4733
G43909 H269 I10 I2510 I480 I4891 I509 I639 I739 J069 J189 J209 J449 J45909 K219 K5900 K5730 K8020
L0390 M1711 M179 M25561 M5416 M5450 M542 N179 N186 N390 R0602 R079 R109 R42 R5383 S8251XA S93401A
Z0000 Z1231 Z23 Z7901 Z79899 Z87891 Z98890
"""
DIAGNOSES: Final = tuple(_DIAGNOSIS_CODES.split())
# HCPCS levels I and II.
PROFESSIONAL_SERVICES: Final = (
    ("99202", 4.6), ("99203", 4.9), ("99204", 5.3), ("99212", 4.2), ("99213", 4.7),
    ("99214", 5.1), ("99215", 5.4), ("99232", 4.9), ("99283", 5.9), ("99284", 6.4),
    ("99396", 5.2), ("36415", 2.9), ("71046", 4.6), ("73030", 4.5), ("76700", 5.8),
    ("80053", 3.9), ("81003", 2.8), ("82962", 2.7), ("83036", 3.7), ("85025", 3.5),
    ("87880", 3.6), ("90471", 3.4), ("90686", 3.5), ("92014", 5.0), ("93000", 4.1),
    ("94010", 4.3), ("96372", 3.7), ("97110", 4.2), ("97140", 4.1), ("20610", 5.2),
    ("G0008", 3.4), ("G0101", 4.2), ("G0439", 5.0), ("J0696", 3.0), ("J1100", 2.6),
    ("J1885", 3.1), ("J3301", 3.5), ("J7050", 3.2),
)  # fmt: skip
MODIFIERS: Final = ("25", "59", "LT", "RT", "76", "GA")
PLACES_OF_SERVICE: Final = ("11", "11", "11", "11", "11", "22", "22", "23", "20", "24", "02", "21")
# Revenue code, procedure (a room has none), middle charge of a day or of a service.
INPATIENT_STAYS: Final = (
    ("0110", "", 7.4), ("0120", "", 7.2), ("0120", "", 7.2), ("0200", "", 8.4), ("0206", "", 8.0),
)  # fmt: skip
OUTPATIENT_SERVICES: Final = (
    ("0250", "J1885", 4.6), ("0258", "J7050", 4.4), ("0300", "36415", 3.3), ("0301", "80053", 4.8),
    ("0305", "85025", 4.4), ("0306", "87880", 4.3), ("0320", "71046", 5.7), ("0352", "74177", 7.6),
    ("0402", "76700", 6.3), ("0450", "99284", 7.1), ("0450", "99283", 6.6), ("0510", "99213", 5.4),
    ("0610", "70551", 7.8), ("0636", "J0696", 4.5), ("0730", "93005", 5.2), ("0420", "97110", 5.2),
)  # fmt: skip
TAXONOMIES: Final = (
    "207Q00000X", "207R00000X", "208D00000X", "207RC0000X", "2085R0202X", "363L00000X",
)  # fmt: skip
# Payer and claim filing indicator; made up.
PAYERS: Final = (
    (Payer(payer_id="90001", name="Northern Lights Health"), "CI"),
    (Payer(payer_id="90002", name="Prairie Mutual"), "CI"),
    (Payer(payer_id="90003", name="Harbor Health Plan"), "HM"),
    (Payer(payer_id="90004", name="Granite State Benefit"), "12"),
)
PRACTICES: Final = ("Family Practice", "Medical Group", "Clinic", "Internal Medicine", "Health")
STREETS: Final = (
    "Main Street", "Oak Avenue", "Mill Road", "Lake Drive", "Second Street", "Park Lane",
    "Station Road", "Hill Street",
)  # fmt: skip
CITIES: Final = (
    ("Albany", "NY", "122075101"), ("Boise", "ID", "837025102"), ("Dayton", "OH", "454025103"),
    ("Eugene", "OR", "974015104"), ("Fargo", "ND", "581025105"), ("Macon", "GA", "312015106"),
    ("Salem", "MA", "019705107"), ("Tucson", "AZ", "857015108"), ("Waco", "TX", "767015109"),
)  # fmt: skip
# Given to girls and to boys in turn.
_FIRST_NAMES = """
Abigail Aaron Beatrice Benedict Clara Caleb Dorothea Dominic Eleanor Edgar Florence Felix Greta
Gideon Harriet Hugo Imogen Isaac Josephine Julian Katherine Kilian Lydia Leander Matilda Magnus Nora
Nathaniel Olivia Otis Philippa Pascal Rosalind Rufus Sylvia Silas Theodora Tobias Ursula Vincent
"""
FIRST_NAMES: Final = tuple(_FIRST_NAMES.split())
_LAST_NAMES = """
Abernathy Barlow Calloway Denholm Eastwick Fairbanks Garrick Hathaway Ingersoll Jessup Kingsley
Lockwood Merriweather Northcott Oakley Pemberton Quimby Ravenel Stanhope Thackeray Underhill Vance
Whitlock Yarborough Ashdown Birchall Crowther Dunmore Ellwood Fenwick Goodwin Holloway
"""
LAST_NAMES: Final = tuple(_LAST_NAMES.split())
