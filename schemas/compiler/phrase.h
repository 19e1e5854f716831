// phrase.h: the small language of a declaration, cut into words: what guards, effects and moments
// are written in. Internal to this module.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "schemas/compiler/draft.h"

namespace relais::compiler {

// One sentence, cut at spaces; a comma is a word of its own.
using Phrase = std::vector<Word>;

[[nodiscard]] Phrase cut(const Word& sentence);
[[nodiscard]] bool begins(const Phrase& phrase, const std::vector<std::string_view>& words);
// The value that a public field has for this text; none where it has none.
[[nodiscard]] std::optional<std::int64_t> public_value(const fb::PublicDeclaredT& field,
                                                       const std::string& text);

}  // namespace relais::compiler
