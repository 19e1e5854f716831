// What of an identity may be said again, and by whom.
#include "clients/station/api/carried.h"

#include <gtest/gtest.h>

#include <fstream>

#include "clients/station/sync/kind_shelf.h"
#include "schemas/compiler/compiler.h"

namespace relais::station {
namespace {

using nlohmann::json;

class Identities : public testing::Test {
protected:
    Identities() {
        const std::string folder = std::string(RELAIS_SOURCE_DIR) + "/schemas/kinds/admission";
        kind_.emplace(load_kind(compiler::compile_kind(folder).value()).value());
        const auto& act = kind_->kind.acts[*kind_->kind.act("deposit")];
        for (const forms::Field& field : kind_->form_of(act)->root().fields) {
            if (field.identity) block_ = &field;
        }
        std::ifstream file(folder + "/examples/deposit.json");
        before_ = json::parse(file)["patient"];
    }
    // The example without what only a qualified identity carries.
    [[nodiscard]] json traits_with(const std::string& status) const {
        json values = before_;
        values.erase("matricule");
        values.erase("oid");
        values["status"] = status;
        return values;
    }

    std::optional<LoadedKind> kind_;
    const forms::Field* block_ = nullptr;
    json before_;  // qualified
};

TEST_F(Identities, WhoSaidItSaysItAgainWhole) {
    const SaidAgain said = say_again(*block_, before_, json::object(), true);
    EXPECT_EQ(said.values, before_);
    EXPECT_FALSE(said.lowered);
}

TEST_F(Identities, WhatAnotherOrganisationCheckedIsProvisionalHereAndHasNoMatricule) {
    const SaidAgain said = say_again(*block_, before_, json::object(), false);
    EXPECT_EQ(said.values, traits_with("PROV"));
    EXPECT_TRUE(said.lowered);
}

TEST_F(Identities, OnesOwnStatusIsTakenAndDecidesOfTheMatricule) {
    const SaidAgain qualified = say_again(*block_, before_, {{"status", "QUAL"}}, false);
    EXPECT_EQ(qualified.values, before_);
    EXPECT_FALSE(qualified.lowered);
    for (const char* status : {"VALI", "RECUP", "PROV"}) {
        const SaidAgain said = say_again(*block_, before_, {{"status", status}}, true);
        EXPECT_EQ(said.values, traits_with(status));
        EXPECT_FALSE(said.lowered);
    }
}

TEST_F(Identities, SomebodyElseIsToldByWhatDiffersAndNotByHowItIsWritten) {
    const auto differs = [&](const json& given) {
        std::string all;
        for (const std::string& label : who_differs(*block_, before_, *block_, given)) {
            all += label + "\n";
        }
        return all;
    };
    json other = before_;
    EXPECT_EQ(differs(other), "");
    other["birth_name"] = "TCHITCHI-BIS";
    EXPECT_EQ(differs(other), "") << "the matricule says who it is";
    other["matricule"] = "160012B02077713";
    EXPECT_EQ(differs(other), "Matricule INS\nNom de naissance\n");
    json without = traits_with("PROV");
    EXPECT_EQ(differs(without), "");
    without["birth_name"] = "Tchi-Tchì";
    EXPECT_EQ(differs(without), "");
    without["birth_date"] = "1936-06-22";
    EXPECT_EQ(differs(without), "Date de naissance\n");
    without["birth_name"] = "AUTRE";
    EXPECT_EQ(differs(without), "Nom de naissance\nDate de naissance\n");
    EXPECT_EQ(differs({{"status", "PROV"}}), "") << "what is not said contradicts nothing";
}

TEST_F(Identities, WhatThisFormDoesNotAskIsLeftOut) {
    json more = before_;
    more["nickname"] = "Cat";
    EXPECT_EQ(say_again(*block_, more, json::object(), true).values, before_);
}

}  // namespace
}  // namespace relais::station
