#include "schemas/references/references.h"

#include <algorithm>

#include "core/base/limits.h"
#include "core/base/names.h"
#include "schemas/flat/flat.h"
#include "schemas/generated/kind_generated.h"

namespace relais::references {

namespace {

template <typename T>
using List = flatbuffers::Vector<flatbuffers::Offset<T>>;

Error invalid(const std::string& what) { return fail(ErrorCode::invalid_field, what); }

// "classes", "prescribed.drug.cis": names of fields.
Result<std::string> path(const flatbuffers::String* raw, const char* what) {
    const std::string_view text = flat::view(raw);
    const bool shaped = !text.empty() && text.size() <= limits::kTitleBytesMax &&
                        std::ranges::all_of(text, [](char c) {
                            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                                   c == '.' || c == '-';
                        });
    if (!shaped) return invalid(what);
    return std::string(text);
}

bool uses(const workflow::Act& act, std::uint16_t number) {
    return std::ranges::find(act.publics, number, &workflow::PublicUse::number) !=
           act.publics.end();
}

class Loader {
public:
    explicit Loader(const workflow::Kind& kind) : kind_(kind) {}

    Result<Watch> read(const fb::WatchDeclared& raw) const {
        Watch watch{};
        if (!is_title(flat::view(raw.form()), limits::kNameBytesMax)) return invalid("watch: form");
        watch.form = raw.form()->str();
        if (kind_.form(watch.form) == nullptr) return invalid("watch: no such form");
        RELAIS_ASSIGN(watch.each, path(raw.each(), "watch: each"));
        RELAIS_ASSIGN(watch.codes, path(raw.codes(), "watch: codes"));
        RELAIS_ASSIGN(watch.fact, path(raw.fact(), "watch: fact"));
        RELAIS_ASSIGN(watch.values, path(raw.values(), "watch: values"));
        if (raw.stays()->size() > kStaysMax) return invalid("watch: stays");
        for (const flatbuffers::String* name : *raw.stays()) {
            RELAIS_ASSIGN(std::string stays, path(name, "watch: stays"));
            watch.stays.push_back(std::move(stays));
        }
        watch.reg = raw.reg();
        const bool own =
            watch.reg < kind_.registers.size() && kind_.registers[watch.reg].kind.empty();
        if (!own) return invalid("watch: no register of this kind");
        watch.open = raw.open();
        watch.closed = raw.closed();
        if (watch.open == watch.closed) return invalid("watch: open is closed");
        RELAIS_ASSIGN(watch.key, read_key(*raw.key()));
        RELAIS_ASSIGN(watch.close, read_turn(*raw.close(), watch.key));
        RELAIS_ASSIGN(watch.reopen, read_turn(*raw.reopen(), watch.key));
        const bool ends = raw.until() != nullptr && raw.until()->size() > 0;
        if (ends != (raw.over() != nullptr)) return invalid("watch: until and over go together");
        if (ends) {
            RELAIS_ASSIGN(watch.until, path(raw.until(), "watch: until"));
            RELAIS_ASSIGN(watch.over, read_turn(*raw.over(), watch.key));
        }
        return watch;
    }

    Result<Listed> read(const fb::ListedDeclared& raw) const {
        Listed listed{raw.act(), raw.number(), {}, {}};
        RELAIS_ASSIGN(listed.field, path(raw.field(), "listed: field"));
        RELAIS_ASSIGN(listed.fact, path(raw.fact(), "listed: fact"));
        if (listed.act >= kind_.acts.size()) return invalid("listed: no such act");
        const workflow::Act& act = kind_.acts[listed.act];
        const workflow::PublicDeclared* field = kind_.public_field(listed.number);
        const bool code = field != nullptr && field->type == workflow::PublicType::code;
        if (!code || !uses(act, listed.number)) return invalid("listed: no code of the act");
        if (act.form.empty()) return invalid("listed: an act without a form");
        return listed;
    }

private:
    Result<std::vector<KeyPart>> read_key(const List<fb::WatchKeyPart>& raw) const {
        const bool sized = raw.size() > 0 && raw.size() <= limits::kRegisterKeyPartsMax;
        if (!sized) return invalid("watch: key");
        std::vector<KeyPart> key;
        for (const fb::WatchKeyPart* part : raw) {
            KeyPart read{part->number(), {}};
            if (kind_.public_field(read.number) == nullptr) return invalid("watch: key");
            if (part->field() != nullptr && part->field()->size() > 0) {
                RELAIS_ASSIGN(read.field, path(part->field(), "watch: key"));
            }
            key.push_back(std::move(read));
        }
        return key;
    }

    Result<Turn> read_turn(const fb::WatchTurn& raw, const std::vector<KeyPart>& key) const {
        if (raw.act() >= kind_.acts.size()) return invalid("watch: no such act");
        const workflow::Act& act = kind_.acts[raw.act()];
        if (!act.opens) return invalid("watch: act " + act.name + " does not open");
        if (raw.publics()->size() > kTurnPublicsMax) return invalid("watch: public fields");
        Turn turn{raw.act(), {}};
        for (const fb::PublicSet* set : *raw.publics()) {
            const workflow::PublicDeclared* field = kind_.public_field(set->number());
            const bool good =
                field != nullptr && field->allows(set->value()) && uses(act, set->number());
            if (!good) return invalid("watch: public field of act " + act.name);
            turn.publics.push_back({set->number(), set->value()});
        }
        for (const KeyPart& part : key) {
            if (!uses(act, part.number))
                return invalid("watch: act " + act.name + " lacks the key");
        }
        return turn;
    }

    const workflow::Kind& kind_;
};

template <typename T, typename Raw>
Result<std::vector<T>> read_all(const Loader& loader, const List<Raw>* raw) {
    std::vector<T> all;
    if (raw == nullptr) return all;
    if (raw->size() > kReferencesMax) return fail(ErrorCode::too_large, "references of a kind");
    for (const Raw* item : *raw) {
        RELAIS_ASSIGN(T read, loader.read(*item));
        all.push_back(std::move(read));
    }
    return all;
}

}  // namespace

Result<References> load_references(ByteView bundle, const workflow::Kind& kind) {
    RELAIS_ASSIGN(const auto raw, flat::root<fb::KindBundle>(bundle, limits::kKindBundleBytesMax));
    const Loader loader(kind);
    References all;
    RELAIS_ASSIGN(all.watches, read_all<Watch>(loader, raw->watches()));
    RELAIS_ASSIGN(all.listed, read_all<Listed>(loader, raw->listed()));
    return all;
}

}  // namespace relais::references
