// xml.h: an XML document that may come from anyone, as a tree of elements with their lines. No
// document type is read, so that no entity is ever declared, expanded or fetched: a document that
// has one is refused before anything of it is. Nothing is read from the network or from another
// file. Private to clients/cap. One thread at a time.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace relais::cap {

inline constexpr std::size_t kXmlBytesMax = 512 * 1024;
inline constexpr std::size_t kXmlDepthMax = 16;
inline constexpr std::size_t kXmlElementsMax = 10'000;
inline constexpr std::size_t kXmlAttributesMax = 16;  // of one element

struct XmlNode {
    std::string name;
    std::string space;                    // namespace; empty: none
    std::string text;                     // of its own, without that of the elements in it
    std::vector<std::string> attributes;  // names, those of XMLSchema-instance apart
    std::vector<XmlNode> children;
    unsigned line = 0;
};

// The root. The detail of an error begins with the line. Errors:
//   too_large    above kXmlBytesMax.
//   over_budget  deeper than kXmlDepthMax, or more elements or attributes than admitted.
//   malformed    not well-formed; an encoding that cannot be read; a document type declaration.
Result<XmlNode> parse_xml(ByteView bytes);

}  // namespace relais::cap
