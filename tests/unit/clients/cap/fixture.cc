#include "tests/unit/clients/cap/fixture.h"

#include <flatbuffers/idl.h>

#include <fstream>
#include <iterator>
#include <map>

#include "core/base/check.h"

namespace relais::cap {

using nlohmann::json;

namespace {

const std::string kKind = RELAIS_SOURCE_DIR "/schemas/kinds/alert/";

std::string text_of_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    RELAIS_CHECK(stream.good());
    return {std::istreambuf_iterator<char>(stream), {}};
}

Bytes compiled(const std::string& file) {
    flatbuffers::IDLOptions options;
    options.binary_schema_comments = true;
    flatbuffers::Parser parser(options);
    const std::string own = kKind;
    const char* includes[] = {own.c_str(), RELAIS_SOURCE_DIR "/schemas/kinds", nullptr};
    const bool parsed = parser.Parse(text_of_file(kKind + file).c_str(), includes);
    if (!parsed) throw std::runtime_error(file + " does not parse: " + parser.error_);
    parser.Serialize();
    return {parser.builder_.GetBufferPointer(),
            parser.builder_.GetBufferPointer() + parser.builder_.GetSize()};
}

}  // namespace

const std::string& full_document() {
    static const std::string document = R"(<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>FR-36-2026-0417</identifier>
  <sender>sidpc@prefecture-exemple.test</sender>
  <sent>2026-12-14T07:21:00+01:00</sent>
  <status>Exercise</status>
  <msgType>Update</msgType>
  <source>SIDPC de l'Exemple</source>
  <scope>Private</scope>
  <restriction>Professionnels de santé &amp; secours</restriction>
  <addresses>medecins.cabinet-exemple@indre "Salle de crise"</addresses>
  <code>ORSAN-NRC</code>
  <code>essai</code>
  <note>Exercice annuel.</note>
  <references>a@b.test,1,2026-12-14T07:00:00-00:00 a@b.test,2,2026-12-14T07:10:00+01:00</references>
  <incidents>"usine Exemple" 2026-36-12</incidents>
  <info>
    <language>fr-FR</language>
    <category>CBRNE</category>
    <category>Health</category>
    <event>Fuite de chlore</event>
    <responseType>Shelter</responseType>
    <responseType>Execute</responseType>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
    <audience>Médecins</audience>
    <eventCode><valueName>ORSAN</valueName><value>NRC</value></eventCode>
    <effective>2026-12-14T07:21:00+01:00</effective>
    <onset>2026-12-14T07:00:00+01:00</onset>
    <expires>2026-12-14T19:00:00+01:00</expires>
    <senderName>Préfecture de l'Exemple</senderName>
    <headline>Fuite de chlore : confinement immédiat</headline>
    <description>Nuage vers le nord-est.
Vent faible.</description>
    <instruction>Fermez portes et fenêtres.</instruction>
    <web>https://prefecture-exemple.test/chlore</web>
    <contact>02 61 91 00 20</contact>
    <parameter><valueName>ONU</valueName><value>1017</value></parameter>
    <resource>
      <resourceDesc>Conduite à tenir</resourceDesc>
      <mimeType>application/pdf</mimeType>
      <size>120000</size>
      <uri>https://ars-exemple.test/chlore.pdf</uri>
      <digest>2fd4e1c67a2d28fced849ee1bb76e7391b93eb12</digest>
    </resource>
    <area>
      <areaDesc>Nord-est de Commune-Exemple</areaDesc>
      <polygon>46.8,1.6 46.9,1.6 46.9,1.8 46.8,1.6</polygon>
      <circle>46.82,1.71 4</circle>
      <geocode><valueName>INSEE-COG</valueName><value>36044</value></geocode>
    </area>
  </info>
</alert>
)";
    return document;
}

const std::string& small_document() {
    static const std::string document = R"(<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>1</identifier>
<sender>a@b.test</sender>
<sent>2026-12-14T07:21:00-00:00</sent>
<status>Actual</status>
<msgType>Alert</msgType>
<scope>Public</scope>
<info>
<category>Health</category>
<event>Event</event>
<urgency>Immediate</urgency>
<severity>Minor</severity>
<certainty>Likely</certainty>
</info>
</alert>
)";
    return document;
}

std::string with(std::string document, const std::string& what, const std::string& by) {
    const std::size_t at = document.find(what);
    RELAIS_CHECK(at != std::string::npos);
    return document.replace(at, what.size(), by);
}

Read read(const std::string& document) {
    Findings findings;
    Result<json> message = read_message(as_bytes(document), findings);
    return {std::move(message), std::move(findings)};
}

std::string shown(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings) text += text_of(finding) + "\n";
    return text;
}

const forms::FormSchema& form(const std::string& file) {
    static std::map<std::string, forms::FormSchema> known;
    const auto found = known.find(file);
    if (found != known.end()) return found->second;
    auto schema = forms::FormSchema::load(compiled(file));
    if (!schema.ok()) throw std::runtime_error(schema.error().describe());
    return known.emplace(file, *std::move(schema)).first->second;
}

json example(const std::string& act) {
    return json::parse(text_of_file(kKind + "examples/" + act + ".json"));
}

Envelope envelope(const std::string& type) {
    return {.key = {"alertes.cpts-exemple@indre", "0193c2f2-0000-7000-8000-000000000001",
                    "2026-12-14T07:30:00-00:00"},
            .status = "Exercise",
            .type = type,
            .severity = "Severe"};
}

}  // namespace relais::cap
