// An entry of a register as people read it: in the words of the kind whose act set it.
#include "clients/station/api/register_words.h"

#include <gtest/gtest.h>

#include "clients/station/sync/kind_shelf.h"
#include "schemas/compiler/compiler.h"
#include "tests/support/small_territory.h"

namespace relais::station {
namespace {

std::shared_ptr<const LoadedKind> kind_named(const std::string& name) {
    const std::string folder = std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/" + name;
    return std::make_shared<const LoadedKind>(
        load_kind(compiler::compile_kind(folder).value()).value());
}

std::string all_words(const RegisterWords& words) {
    std::string all;
    for (const RegisterWord& word : words.key) all += word.label + "=" + word.text + "; ";
    return all + words.value.label + "=" + words.value.text;
}

class RegisterEntries : public testing::Test {
protected:
    std::string said(const std::string& kind, const std::string& name, const std::string& act,
                     const std::string& key, std::int64_t value) {
        const auto loaded = kind_named(kind);
        return all_words(register_words(territory_.state(), loaded->kind, name, act, key, value));
    }

    test::SmallTerritory territory_;
};

TEST_F(RegisterEntries, AreSaidInTheLabelsOfTheKindAndTheNamesOfTheDirectory) {
    EXPECT_EQ(said("capacity", "beds", "declare", "geriatrie.ch-valmont@indre/2", 3),
              "Boîte=" + territory_.geriatrics.unit.title +
                  " (geriatrie.ch-valmont@indre); Sorte de place=Hôpital de jour; "
                  "Places libres=3");
    const std::string& rpps = territory_.doctor.person.rpps;
    EXPECT_EQ(said("protocol", "agreement", "answer", "12/2/1/" + rpps, 2),
              "Numéro du protocole=12; Version du protocole=2; Numéro de la classe dans le "
              "protocole=1; Signataire=" +
                  territory_.doctor.person.title + " (RPPS " + rpps +
                  "); Décision du prescripteur=Je refuse : demandez-moi à chaque fois");
}

TEST_F(RegisterEntries, OfAPersonWhomTheDirectoryDoesNotKnowHaveTheNumber) {
    EXPECT_NE(said("protocol", "agreement", "answer", "12/2/1/01234567897", 1)
                  .find("Signataire=RPPS 01234567897;"),
              std::string::npos);
}

// The version that set it may be another than the one that is read with.
TEST_F(RegisterEntries, ThatNoRowOfTheActSetsAreSaidAsTheyAreHeld) {
    for (const char* act : {"close-invitation", "no-such-act"}) {
        EXPECT_EQ(said("protocol", "agreement", act, "12/2", 2), "=12; =2; =2") << act;
    }
    // A constant of the table has no label.
    EXPECT_NE(said("protocol", "class", "suspend", "12/2/1", 2).find("; =2"), std::string::npos);
}

}  // namespace
}  // namespace relais::station
