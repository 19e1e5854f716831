#include "clients/station/sync/kind_shelf.h"

#include "schemas/bundles/bundle_forms.h"

namespace relais::station {

const forms::FormSchema* LoadedKind::form_of(const workflow::Act& act) const {
    const auto found = forms.find(act.form);
    return found == forms.end() ? nullptr : &found->second;
}

Result<LoadedKind> load_kind(ByteView bundle) {
    RELAIS_ASSIGN(workflow::Kind kind, workflow::Kind::load(bundle));
    RELAIS_ASSIGN(auto forms, bundles::load_forms(kind));
    return LoadedKind{std::move(kind), std::move(forms)};
}

Result<std::shared_ptr<const LoadedKind>> KindShelf::get(const Digest& digest) {
    if (const auto known = loaded_.find(digest); known != loaded_.end()) return known->second;
    RELAIS_ASSIGN(const auto bundle, store_.bundle(digest));
    if (!bundle) return fail(ErrorCode::unknown_kind, "its bundle is not here yet");
    RELAIS_ASSIGN(LoadedKind loaded, load_kind(*bundle));
    auto shared = std::make_shared<const LoadedKind>(std::move(loaded));
    loaded_.emplace(digest, shared);
    return shared;
}

}  // namespace relais::station
