#include "tests/support/cap/cap_schema.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include <cstdlib>
#include <memory>

#include "core/base/check.h"

namespace relais::test {

namespace {

// Of the schema to hold documents against; RELAIS_CAP_SCHEMA names another one, for comparison.
const char* schema_file() {
    const char* other = std::getenv("RELAIS_CAP_SCHEMA");
    return other == nullptr ? RELAIS_SOURCE_DIR "/clients/cap/cap-1.2.xsd" : other;
}

xmlSchema& schema() {
    static const std::unique_ptr<xmlSchema, void (*)(xmlSchema*)> parsed = [] {
        const std::unique_ptr<xmlSchemaParserCtxt, void (*)(xmlSchemaParserCtxt*)> context(
            xmlSchemaNewParserCtxt(schema_file()), xmlSchemaFreeParserCtxt);
        return std::unique_ptr<xmlSchema, void (*)(xmlSchema*)>(xmlSchemaParse(context.get()),
                                                                xmlSchemaFree);
    }();
    RELAIS_CHECK(parsed != nullptr);
    return *parsed;
}

void keep_error(void* text, xmlError* error) {
    *static_cast<std::string*>(text) += error->message == nullptr ? "?" : error->message;
}

}  // namespace

std::string schema_objection(const std::string& document) {
    const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> parsed(
        xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        xmlFreeDoc);
    if (!parsed) return "not well-formed";
    const std::unique_ptr<xmlSchemaValidCtxt, void (*)(xmlSchemaValidCtxt*)> context(
        xmlSchemaNewValidCtxt(&schema()), xmlSchemaFreeValidCtxt);
    std::string why;
    xmlSchemaSetValidStructuredErrors(context.get(), keep_error, &why);
    const int verdict = xmlSchemaValidateDoc(context.get(), parsed.get());
    return verdict == 0 ? "" : why.empty() ? "invalid" : why;
}

}  // namespace relais::test
