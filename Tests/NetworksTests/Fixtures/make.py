"""Writes the MaxMind DBs beside this file; run by a Python that has mmdb_writer and netaddr."""

from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet

HERE = Path(__file__).parent

SYSTEMS = [
    ("192.0.2.0/24", 64500, "Example Mail"), ("192.0.2.128/25", 64501, "Inner Example"),
    ("198.51.100.0/24", 4200000000, "Large Number"), ("2001:db8::/32", 64502, "Example Six"),
    ("2001:db8:1::/48", 64503, "Inner Six"), ("127.0.0.0/8", 64510, "Loopback Net"),
    ("::1/128", 64511, "Loopback Six"), ("2001:db8:25::/48", 64512, "Lab"),
]
COUNTRIES = [
    ("192.0.2.0/25", "CH"), ("192.0.2.128/25", "DE"), ("127.0.0.0/8", "FR"),
    ("2001:db8::/32", "SE"), ("::1/128", "NO"),
]


def write(name: str, kind: str, rows: dict[str, dict], version: int = 6) -> None:
    writer = MMDBWriter(
        version, kind, languages=["en"], description="A test of stsurvey",
        ipv4_compatible=version == 6, int_type="u32")
    for prefix, data in rows.items():
        writer.insert_network(IPSet([prefix]), data)
    writer.to_db_file(str(HERE / name))


def main() -> None:
    write("asn.mmdb", "GeoLite2-ASN", {
        prefix: {"autonomous_system_number": number, "autonomous_system_organization": name}
        for prefix, number, name in SYSTEMS})
    write("country.mmdb", "GeoLite2-Country", {
        prefix: {
            "continent": {"code": "EU"}, "country": {"iso_code": code, "names": {"en": code}},
            "registered_country": {"iso_code": "US"}}
        for prefix, code in COUNTRIES})
    write("ipinfo.mmdb", "ipinfo country_asn.mmdb", {
        "192.0.2.0/24": {
            "asn": "AS64500", "as_name": "Example Mail", "country": "CH",
            "country_name": "Switzerland"},
        "198.51.100.0/24": {
            "asn": "", "as_name": "", "country": "US", "country_name": "United States"}})
    write("other.mmdb", "Other", {
        "192.0.2.0/24": {"city": {"name": "Bern"}, "speed": "fast"}}, version=4)


if __name__ == "__main__":
    main()
