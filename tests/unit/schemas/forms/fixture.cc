#include "tests/unit/schemas/forms/fixture.h"

#include <flatbuffers/idl.h>

#include "core/base/check.h"
#include "core/base/error.h"

namespace relais::forms {

using nlohmann::json;

namespace {

FormSchema load(const std::string& source) {
    Result<FormSchema> schema = FormSchema::load(schema_of(source));
    RELAIS_CHECK(schema.ok());
    return std::move(schema).value();
}

}  // namespace

Bytes schema_of_file(const std::string& source) {
    flatbuffers::IDLOptions options;
    options.binary_schema_comments = true;
    flatbuffers::Parser parser(options);
    const char* includes[] = {RELAIS_SOURCE_DIR "/schemas/kinds", nullptr};
    if (!parser.Parse(source.c_str(), includes)) {
        throw std::runtime_error("fixture does not parse: " + parser.error_);
    }
    parser.Serialize();
    return {parser.builder_.GetBufferPointer(),
            parser.builder_.GetBufferPointer() + parser.builder_.GetSize()};
}

Bytes schema_of(const std::string& source) {
    return schema_of_file("include \"form.fbs\";\ninclude \"identity.fbs\";\nnamespace test;\n" +
                          source + "\nroot_type Form;\n");
}

const std::string& everything_source() {
    static const std::string source = R"(
enum Colour : byte {
  /// Rouge
  red = -1,
  /// Vert
  green = 5
}
enum Wide : ulong {
  /// Petit
  small = 1,
  /// Grand
  big = 9000000000
}
table Inner {
  text:string (label: "Texte", mandatory);
  numbers:[short] (label: "Nombre", min: -300, max: 300, items_max: 4);
  flag:bool = null (label: "Drapeau");
}
table Outer {
  inner:Inner (label: "Dedans");
  list:[Inner] (label: "Élément", items_max: 3);
}
/// Une aide
/// sur deux lignes.
table Form (label: "Tout") {
  /// Répondez.
  yes:bool = null (label: "Oui ou non", mandatory, example: "true");
  tiny:byte = null (label: "Octet signé", min: -100, max: 100);
  small:ubyte = null (label: "Octet", min: 1, max: 200);
  short_:short = null (label: "Court", min: -30000, max: 30000);
  ushort_:ushort = null (label: "Court sans signe", min: 0, max: 65535);
  int_:int = null (label: "Entier", min: "-2000000000", max: "2000000000");
  uint_:uint = null (label: "Entier sans signe", min: 0, max: "4000000000");
  long_:long = null (label: "Long", min: "-9007199254740991", max: "9007199254740991");
  ulong_:ulong = null (label: "Long sans signe", min: 0, max: "9007199254740991", unit: "ms");
  decimal:double = null (label: "Décimal", min: "-1.5", max: "45.25", unit: "°C");
  line:string (label: "Ligne", bytes_max: 20);
  lines:string (label: "Lignes", multiline, bytes_max: 100);
  day:string (label: "Jour", date);
  moment:string (label: "Moment", datetime);
  phone:string (label: "Téléphone", phone);
  rpps:string (label: "RPPS", ident: "rpps", codes: "https://rpps.esante.gouv.fr");
  cip:string (label: "CIP13", ident: "cip13");
  colour:Colour = null (label: "Couleur");
  wide:Wide = null (label: "Large");
  colours:[Colour] (label: "Couleurs", items_max: 3);
  flags:[bool] (label: "Drapeaux");
  decimals:[double] (label: "Décimaux", min: 0, max: 1);
  texts:[string] (label: "Textes", bytes_max: 10, items_max: 5);
  outer:Outer (label: "Dehors");
}
)";
    return source;
}

const FormSchema& everything() {
    static const FormSchema schema = load(everything_source());
    return schema;
}

json everything_values() {
    return json::parse(R"({
        "yes": true, "tiny": -100, "small": 200, "short_": -30000, "ushort_": 65535,
        "int_": -2000000000, "uint_": 4000000000, "long_": -9007199254740991,
        "ulong_": 9007199254740991, "decimal": 37.25, "line": "Été à Nîmes",
        "lines": "une\ndeux", "day": "2024-02-29", "moment": "2026-11-22T14:30:00+01:00",
        "phone": "+33 2 61 91 00 00", "rpps": "01234567897", "cip": "3400935955838",
        "colour": "red", "wide": "big", "colours": ["green", "red"], "flags": [true, false],
        "decimals": [0.0, 0.1, 1.0], "texts": ["a", "b"],
        "outer": {"inner": {"text": "x", "numbers": [-300, 0, 300], "flag": false},
                  "list": [{"text": "y"}, {"text": "z", "flag": true}]}
    })");
}

const FormSchema& with_identity() {
    static const FormSchema schema = load(R"(
table Form (label: "Patient") {
  patient:relais.kinds.Identity (label: "Identité", mandatory);
  note:string (label: "Note");
}
)");
    return schema;
}

json identity_values() {
    return json::parse(R"({"patient": {
        "status": "QUAL", "birth_name": "PAT-TROIS",
        "birth_given_names": ["DOMINIQUE", "MARIE-LOUISE"], "birth_date": "1979-03-28", "sex": "F",
        "birth_place": "51215", "matricule": "279035121518989", "oid": "1.2.250.1.213.1.4.10"}})");
}

std::string shown(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += finding.path + " " + std::string(error_name(finding.code)) +
                (finding.severity == Severity::error ? " error\n" : " warning\n");
    }
    return text;
}

}  // namespace relais::forms
