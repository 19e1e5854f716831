// rung_services.h: a mail relay and an HTTPS receiver, both real (rung_services.py), and what they
// got. Ends with the object.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "tests/process/support/child.h"

namespace relais::test {

class RungServices {
public:
    // Waits until both listen; keeps its certificate and its mood in `folder`, which it makes.
    explicit RungServices(std::filesystem::path folder);

    [[nodiscard]] std::string ca() const { return (folder_ / "ca.pem").string(); }
    // With STARTTLS and credentials; and without either.
    [[nodiscard]] std::string relay() const { return "smtp://127.0.0.1:" + std::to_string(smtp_); }
    [[nodiscard]] std::string plain_relay() const {
        return "smtp://127.0.0.1:" + std::to_string(plain_);
    }
    [[nodiscard]] std::string hook(const std::string& host = "127.0.0.1") const {
        return "https://" + host + ":" + std::to_string(https_) + "/sonnerie";
    }
    static constexpr const char* kUser = "relais";
    static constexpr const char* kPassword = "mot de passe du relais";

    // ok, later, never, hang, redirect, flood: from now on.
    void set_mood(const std::string& mood) const;

    // One thing received: "mail" or "hook", what the service says of it, and its bytes.
    struct Received {
        std::string what;
        nlohmann::json about;
        std::string data;
    };
    // The next one; waits for it, and fails the test where none comes.
    Received next(const std::string& what);
    // Ends both; all that was ever received, as text.
    [[nodiscard]] const std::string& everything() {
        child_->terminate();
        return child_->said();
    }

private:
    std::filesystem::path folder_;
    int smtp_;
    int plain_;
    int https_;
    std::unique_ptr<Child> child_;
};

}  // namespace relais::test
