// kind_shelf.h: kinds and their forms, from the bundles that the station holds.
#pragma once

#include <map>
#include <memory>

#include "clients/station/store/station_store.h"
#include "schemas/forms/form_schema.h"
#include "schemas/workflow/kind.h"

namespace relais::station {

struct LoadedKind {
    workflow::Kind kind;
    std::map<std::string, forms::FormSchema> forms;  // by name

    // Null for an act without a form. Requires one of the kind's acts.
    [[nodiscard]] const forms::FormSchema* form_of(const workflow::Act& act) const;
};

// Refuses a kind whose public part could name a patient or whose forms do not load.
Result<LoadedKind> load_kind(ByteView bundle);

class KindShelf {
public:
    explicit KindShelf(StationStore& store) : store_(store) {}
    // Errors: unknown_kind  its bundle is not here yet; those of load_kind.
    Result<std::shared_ptr<const LoadedKind>> get(const Digest& digest);

private:
    StationStore& store_;
    std::map<Digest, std::shared_ptr<const LoadedKind>> loaded_;
};

}  // namespace relais::station
