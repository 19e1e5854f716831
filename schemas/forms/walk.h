// walk.h: what the two walks over a form's values share: where they are, and how much they may
// visit. Both count alike, so that what one station may send, another may read. Not shared between
// threads.
#pragma once

#include <string>

#include "core/base/limits.h"

namespace relais::forms {

// The path of the value under the walk; each step is undone when its Step goes.
class Path {
public:
    class Step {
    public:
        Step(Path& path, const std::string& name) : path_(path), before_(path.text_.size()) {
            path.text_ += (before_ == 0 ? "" : ".") + name;
        }
        Step(Path& path, std::size_t index) : path_(path), before_(path.text_.size()) {
            path.text_ += "[" + std::to_string(index) + "]";
        }
        ~Step() { path_.text_.resize(before_); }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        Path& path_;
        std::size_t before_;
    };

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

// One element is a table or an answer; its bytes are those of its text, 8 for anything else.
class Budget {
public:
    [[nodiscard]] bool take(std::size_t bytes) {
        ++elements_;
        bytes_ += bytes;
        return elements_ <= limits::kFormElementsMax && bytes_ <= limits::kFormBytesMax;
    }
    static constexpr std::size_t kPlainBytes = 8;

private:
    std::size_t elements_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace relais::forms
