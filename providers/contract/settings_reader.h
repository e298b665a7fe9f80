#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace bwgw {

/// A secret text: never printed, never compared in logs; `reveal` is the one way to it, for signing.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    const std::string& reveal() const noexcept { return text_; }

private:
    std::string text_;
};

/// Whether that host is this machine: a loopback address, an IPv6 one in brackets or not, or `localhost`.
bool is_loopback(std::string_view host);
/// The host as it stands in an absolute URL.
std::string_view host_of(std::string_view url);

/// Every mistake of a settings file, each named by its path: `providers[1].endpoint: …`.
struct SettingsErrors {
    std::vector<std::string> items;
};

/// One mapping of the settings file. Each read names a key; a wrong or missing value is remembered in the
/// errors and a harmless value returned, so that all mistakes are reported at once. Keys that nobody read are
/// mistakes too: call `finish` last.
class SettingsReader {
public:
    SettingsReader(const YAML::Node& node, std::string path, SettingsErrors& errors);
    SettingsReader(SettingsReader&&) noexcept;
    ~SettingsReader();

    bool has(std::string_view key) const;
    bool is_mapping(std::string_view key) const;
    std::string text(std::string_view key);
    std::string text(std::string_view key, std::string_view otherwise);
    /// One of `words`; the mistake names them all.
    std::string word(std::string_view key, const std::vector<std::string>& words,
                     std::optional<std::string> otherwise);
    std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max, std::int64_t otherwise);
    bool boolean(std::string_view key, bool otherwise);
    /// `250ms`, `10s`, `5m`.
    std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds min,
                                       std::chrono::milliseconds max, std::chrono::milliseconds otherwise);
    std::vector<std::string> texts(std::string_view key);
    /// Pairs of a mapping of plain words, in file order.
    std::vector<std::pair<std::string, std::string>> words(std::string_view key);
    /// Only `{env: NAME}` or `{file: PATH}`: a secret in the file itself is a mistake.
    Secret secret(std::string_view key);
    /// An absolute http or https URL without query, fragment or user; `http` for loopback only.
    std::string endpoint(std::string_view key);
    /// A mapping below; an empty one if it is absent.
    SettingsReader section(std::string_view key);
    /// The mappings of a list below.
    std::vector<SettingsReader> sections(std::string_view key);

    void fail(std::string_view key, std::string_view why);
    const std::string& path() const noexcept { return path_; }
    void finish();

private:
    YAML::Node value(std::string_view key) const;
    std::optional<std::string> scalar(std::string_view key);

    struct State;
    std::unique_ptr<State> state_;
    std::string path_;
};

}  // namespace bwgw
