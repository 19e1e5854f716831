#include "tests/unit/clients/station/print/fixture.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/files/files.h"
#include "schemas/compiler/compiler.h"
#include "schemas/forms/forms.h"
#include "tests/support/folder.h"

namespace relais::print::test {

namespace {

const std::filesystem::path kKinds = std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds";

SharedKind load(const std::filesystem::path& folder) {
    const auto bundle = compiler::compile_kind(folder);
    EXPECT_TRUE(bundle.ok()) << bundle.error().describe();
    auto loaded = station::load_kind(*bundle);
    EXPECT_TRUE(loaded.ok());
    return std::make_shared<const station::LoadedKind>(std::move(loaded).value());
}

}  // namespace

SharedKind kind_of(const std::string& name) { return load(kKinds / name); }

SharedKind note_with(const std::string& fields) {
    const relais::test::TestFolder folder;
    std::filesystem::copy(kKinds, folder.path(), std::filesystem::copy_options::recursive);
    std::ofstream(folder.path() / "note/note.fbs")
        << "// note.fbs\ninclude \"form.fbs\";\ninclude \"identity.fbs\";\n"
           "namespace relais.kinds.note;\n\n/// Aide.\ntable Note (label: \"Message\") {\n"
        << fields << "}\n\nroot_type Note;\n";
    return load(folder.path() / "note");
}

nlohmann::json example_of(const std::string& kind, const std::string& act) {
    const auto bytes = read_file(kKinds / kind / "examples" / (act + ".json"), 1 << 20);
    EXPECT_TRUE(bytes.ok()) << act;
    return forms::parse_json(as_text(*bytes)).value();
}

station::TimelineItem item_of(const relais::test::SmallTerritory& territory, const SharedKind& kind,
                              const std::string& act, nlohmann::json form,
                              std::vector<PublicField> publics) {
    relais::test::SeededRandom random{3};
    relais::test::HeaderDraft draft;
    draft.from = territory.practice.name.text() + "@" + territory.state().domain_name().text();
    draft.to = {"geriatrie.ch-valmont@indre"};
    draft.act = act;
    draft.kind = kind->kind.digest;
    draft.by = territory.doctor.id;
    draft.publics = std::move(publics);
    Header header = relais::test::make_header(draft, random);
    header.content_digest = random.make<Digest>();
    station::TimelineItem item;
    item.message = header.id;
    item.time = relais::test::kTestTime;
    item.opened = station::Opened{.header = std::move(header),
                                  .digest = {},
                                  .kind = kind,
                                  .act = *kind->kind.act(act),
                                  .form = std::move(form),
                                  .warnings = {},
                                  .accepted = {},
                                  .old_epoch = false};
    item.opened->accepted.time = relais::test::kTestTime;
    return item;
}

}  // namespace relais::print::test
