#include "providers/contract/settings_reader.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace bwgw {
namespace {

constexpr std::size_t kMaxSecretBytes = 65'536;

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    return text;
}

}  // namespace

bool is_loopback(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const std::string address(host);
    in_addr v4{};
    if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6{};
    if (inet_pton(AF_INET6, address.c_str(), &v6) == 1) return IN6_IS_ADDR_LOOPBACK(&v6);
    return host == "localhost";
}

std::string_view host_of(std::string_view url) {
    const auto scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    const auto end = url.starts_with('[') ? url.find(']') + 1 : url.find_first_of(":/");
    return url.substr(0, end);
}

struct SettingsReader::State {
    YAML::Node node;
    SettingsErrors& errors;
    std::set<std::string, std::less<>> read;
};

SettingsReader::SettingsReader(const YAML::Node& node, std::string path, SettingsErrors& errors)
    : state_(new State{node, errors, {}}), path_(std::move(path)) {
    if (node.IsDefined() && !node.IsNull() && !node.IsMap()) {
        errors.items.push_back(fmt::format("{}: must be a mapping", path_.empty() ? "(file)" : path_));
        state_->node = YAML::Node(YAML::NodeType::Map);
    }
}
SettingsReader::SettingsReader(SettingsReader&&) noexcept = default;
SettingsReader::~SettingsReader() = default;

void SettingsReader::fail(std::string_view key, std::string_view why) {
    state_->errors.items.push_back(fmt::format("{}{}{}: {}", path_, path_.empty() ? "" : ".", key, why));
}

YAML::Node SettingsReader::value(std::string_view key) const {
    state_->read.emplace(key);
    const YAML::Node& node = state_->node;  // const, for yaml-cpp's non-const operator[] inserts
    const YAML::Node found = node.IsMap() ? node[std::string(key)] : YAML::Node(YAML::NodeType::Undefined);
    return found.IsDefined() && !found.IsNull() ? found : YAML::Node(YAML::NodeType::Undefined);
}

bool SettingsReader::has(std::string_view key) const {
    return value(key).IsDefined();
}

bool SettingsReader::is_mapping(std::string_view key) const {
    return has(key) && value(key).IsMap();
}

std::optional<std::string> SettingsReader::scalar(std::string_view key) {
    const auto node = value(key);
    if (!node.IsDefined()) return std::nullopt;
    if (!node.IsScalar()) {
        fail(key, "must be a single value");
        return std::nullopt;
    }
    return node.Scalar();
}

std::string SettingsReader::text(std::string_view key) {
    if (!has(key)) {
        fail(key, "is required");
        return {};
    }
    auto text = scalar(key).value_or("");
    if (text.empty()) fail(key, "must not be empty");
    return text;
}

std::string SettingsReader::text(std::string_view key, std::string_view otherwise) {
    return scalar(key).value_or(std::string(otherwise));
}

std::string SettingsReader::word(std::string_view key, const std::vector<std::string>& words,
                                 std::optional<std::string> otherwise) {
    if (!has(key)) {
        if (!otherwise) fail(key, fmt::format("is required: one of {}", fmt::join(words, ", ")));
        return otherwise.value_or("");
    }
    auto text = scalar(key).value_or("");
    if (std::find(words.begin(), words.end(), text) != words.end()) return text;
    fail(key, fmt::format("must be one of {}", fmt::join(words, ", ")));
    return otherwise.value_or("");
}

std::int64_t SettingsReader::integer(std::string_view key, std::int64_t min, std::int64_t max,
                                     std::int64_t otherwise) {
    const auto text = scalar(key);
    if (!text) return otherwise;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc() && end == text->data() + text->size() && number >= min && number <= max)
        return number;
    fail(key, fmt::format("must be a whole number from {} to {}", min, max));
    return otherwise;
}

bool SettingsReader::boolean(std::string_view key, bool otherwise) {
    const auto text = scalar(key);
    if (!text) return otherwise;
    if (*text == "true") return true;
    if (*text != "false") fail(key, "must be true or false");
    return false;
}

std::chrono::milliseconds SettingsReader::duration(std::string_view key, std::chrono::milliseconds min,
                                                   std::chrono::milliseconds max,
                                                   std::chrono::milliseconds otherwise) {
    const auto text = scalar(key);
    if (!text) return otherwise;
    std::int64_t number = 0;
    const auto [unit, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    const std::string_view word(unit, text->data() + text->size());
    const std::int64_t scale = word == "ms"  ? 1
                               : word == "s" ? 1'000
                               : word == "m" ? 60'000
                               : word == "h" ? 3'600'000
                                             : 0;
    constexpr std::int64_t kMaxNumber = 1'000'000'000;  // keeps the product in range
    const std::chrono::milliseconds span{number >= 0 && number <= kMaxNumber ? number * scale : -1};
    if (error == std::errc() && scale != 0 && span >= min && span <= max) return span;
    fail(key, fmt::format("must be a duration such as 250ms, 10s or 5m, from {}ms to {}ms", min.count(),
                          max.count()));
    return otherwise;
}

std::vector<std::string> SettingsReader::texts(std::string_view key) {
    const auto node = value(key);
    std::vector<std::string> texts;
    if (!node.IsDefined()) return texts;
    if (!node.IsSequence()) {
        fail(key, "must be a list");
        return texts;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
        if (node[i].IsScalar() && !node[i].Scalar().empty()) {
            texts.push_back(node[i].Scalar());
        } else {
            fail(fmt::format("{}[{}]", key, i), "must be a single value, not empty");
        }
    }
    return texts;
}

std::vector<std::pair<std::string, std::string>> SettingsReader::words(std::string_view key) {
    const auto node = value(key);
    std::vector<std::pair<std::string, std::string>> words;
    if (!node.IsDefined()) return words;
    if (!node.IsMap()) {
        fail(key, "must be a mapping");
        return words;
    }
    for (const auto& line : node) {
        if (line.first.IsScalar() && line.second.IsScalar()) {
            words.emplace_back(line.first.Scalar(), line.second.Scalar());
        } else {
            fail(key, "must map single values to single values");
        }
    }
    return words;
}

Secret SettingsReader::secret(std::string_view key) {
    if (!has(key)) {
        fail(key, "is required: {env: NAME} or {file: PATH}");
        return {};
    }
    if (!value(key).IsMap()) {
        fail(key, "a secret is never written here: use {env: NAME} or {file: PATH}");
        return {};
    }
    auto source = section(key);
    const bool by_env = source.has("env");
    if (by_env == source.has("file")) {
        fail(key, "use exactly one of env and file");
        return {};
    }
    std::string text;
    if (by_env) {
        const auto name = source.text("env");
        const char* found = std::getenv(name.c_str());
        if (found) text = found;
        if (text.empty()) source.fail("env", fmt::format("the environment variable {} is not set", name));
    } else {
        const auto file_path = source.text("file");
        std::ifstream file(file_path, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(file), {});
        text = trimmed(std::move(text));
        if (text.empty() || text.size() > kMaxSecretBytes)
            source.fail("file", fmt::format("{} cannot be read, or is empty or too large", file_path));
    }
    source.finish();
    return Secret(std::move(text));
}

std::string SettingsReader::endpoint(std::string_view key) {
    auto url = text(key);
    if (url.empty()) return url;
    static const std::regex shape(
        R"(^(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$)");
    std::smatch parts;
    if (!std::regex_match(url, parts, shape)) {
        fail(key, "must be an absolute http or https URL without user, query or fragment");
    } else if (parts[1] == "http" && !is_loopback(host_of(url))) {
        fail(key, "http is for loopback only: credentials would travel in the clear; use https");
    }
    return url;
}

SettingsReader SettingsReader::section(std::string_view key) {
    return {value(key), fmt::format("{}{}{}", path_, path_.empty() ? "" : ".", key), state_->errors};
}

std::vector<SettingsReader> SettingsReader::sections(std::string_view key) {
    std::vector<SettingsReader> sections;
    const auto node = value(key);
    if (!node.IsDefined()) return sections;
    if (!node.IsSequence()) {
        fail(key, "must be a list");
        return sections;
    }
    for (std::size_t i = 0; i < node.size(); ++i)
        sections.emplace_back(node[i], fmt::format("{}{}{}[{}]", path_, path_.empty() ? "" : ".", key, i),
                              state_->errors);
    return sections;
}

void SettingsReader::finish() {
    if (!state_->node.IsMap()) return;
    for (const auto& member : state_->node) {
        const auto key = member.first.IsScalar() ? member.first.Scalar() : std::string("(not a word)");
        if (!state_->read.contains(key)) fail(key, "is not a known setting");
    }
}

}  // namespace bwgw
