#include "gateway/api/contract.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <stdexcept>

#include <boost/container/static_vector.hpp>

#include "gateway/api/json.h"
#include "gateway/api/openapi.h"

namespace bwgw::api {
namespace {

using rapidjson::Value;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMethods = {
    {{"delete", "DELETE"}, {"get", "GET"}, {"patch", "PATCH"}, {"post", "POST"}, {"put", "PUT"}}};
constexpr std::size_t kMaxSegments = 16;  // far above the deepest path

auto segments_of(std::string_view path) {
    boost::container::static_vector<std::string_view, kMaxSegments + 1> segments;
    if (!path.starts_with('/')) return segments;
    while (!path.empty() && segments.size() <= kMaxSegments) {
        path.remove_prefix(1);
        const auto end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    std::string encoded;
    for (const char c : text)
        encoded += kPlain.find(c) != std::string_view::npos
                       ? std::string(1, c)
                       : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return encoded;
}

}  // namespace

// Reads the document's paths; `at` names the place in an error.
class Contract::Loader {
public:
    explicit Loader(const Value& document) : document_(document) {}

    std::vector<Path> paths() {
        std::vector<Path> paths;
        for (const auto& item : member(document_, "paths", "the document").GetObject())
            paths.push_back(path(std::string(text_of(item.name)), item.value));
        // The one that spells out more goes first: {id}:resolve before {id}.
        std::ranges::stable_sort(paths, std::greater{}, [](const Path& path) {
            std::pair<bool, std::size_t> spelled_out{true, 0};
            for (const auto& segment : path.segments) {
                spelled_out.first &= segment.parameter.empty();
                spelled_out.second += segment.prefix.size() + segment.suffix.size();
            }
            return spelled_out;
        });
        return paths;
    }

private:
    [[noreturn]] static void fail(std::string_view at, std::string_view what) {
        throw std::runtime_error(fmt::format("the OpenAPI document: {} {}", at, what));
    }
    static const Value* find(const Value& object, const char* name) {
        const auto found = object.FindMember(name);
        return found == object.MemberEnd() ? nullptr : &found->value;
    }
    static const Value& member(const Value& object, const char* name, std::string_view at) {
        const auto* found = find(object, name);
        if (!found) fail(at, fmt::format("has no {}", name));
        return *found;
    }
    static bool flag(const Value& object, const char* name) {
        const auto* found = find(object, name);
        return found && found->IsTrue();
    }

    /// The object itself, or the component that it refers to.
    const Value& resolved(const Value& given, std::string_view at) const {
        const auto* ref = find(given, "$ref");
        if (!ref) return given;
        const Value* target = &document_;
        auto rest = text_of(*ref);
        if (!rest.starts_with("#/")) fail(at, "has a $ref that is not local");
        for (const auto step : segments_of(rest.substr(1)))
            target = &member(*target, std::string(step).c_str(), at);
        return *target;
    }

    Path path(const std::string& name, const Value& item) {
        Path path;
        std::set<std::string> names;
        for (const auto segment : segments_of(name)) {
            const auto open = segment.find('{');
            const auto close = segment.find('}');
            if (open == std::string_view::npos) {
                path.segments.push_back({std::string(segment), "", ""});
                continue;
            }
            if (close == std::string_view::npos || close < open) fail(name, "has a broken parameter");
            path.segments.push_back({std::string(segment.substr(0, open)),
                                     std::string(segment.substr(open + 1, close - open - 1)),
                                     std::string(segment.substr(close + 1))});
            names.insert(path.segments.back().parameter);
        }
        std::set<std::string> allow = {"OPTIONS"};
        for (const auto& operation : item.GetObject()) {
            const auto key = text_of(operation.name);
            const auto method = std::ranges::find(kMethods, key, [](const auto& m) { return m.first; });
            if (method == kMethods.end()) fail(name, fmt::format("has {}, which nothing would check", key));
            auto read = endpoint(std::string(method->second), operation.value, names);
            allow.insert(read.method);
            if (read.method == "GET") allow.insert("HEAD");
            path.endpoints.emplace(read.method, std::move(read));
        }
        path.allow = fmt::format("{}", fmt::join(allow, ", "));
        return path;
    }

    Endpoint endpoint(std::string method, const Value& operation, const std::set<std::string>& path_names) {
        Endpoint endpoint;
        endpoint.method = std::move(method);
        endpoint.operation_id = text_of(member(operation, "operationId", "an operation"));
        const auto& id = endpoint.operation_id;
        if (!operation_ids_.insert(id).second) fail(id, "is there more than once");
        std::set<std::string> path_parameters;
        if (const auto* parameters = find(operation, "parameters"))
            for (const auto& given : parameters->GetArray()) {
                endpoint.parameters.push_back(parameter(resolved(given, id), id));
                const auto& read = endpoint.parameters.back();
                if (read.place == Place::path) path_parameters.insert(read.name);
                if (std::ranges::count(endpoint.parameters, read.name, &Parameter::name) != 1)
                    fail(id, fmt::format("has two parameters {}", read.name));
            }
        if (path_parameters != path_names) fail(id, "does not describe exactly its path's parameters");
        if (const auto* given = find(operation, "requestBody"))
            endpoint.body = body(resolved(*given, id), id);
        endpoint.produces = produces(member(operation, "responses", id), id);
        return endpoint;
    }

    Parameter parameter(const Value& given, const std::string& id) const {
        constexpr std::array<std::pair<std::string_view, Place>, 3> kPlaces = {
            {{"path", Place::path}, {"query", Place::query}, {"header", Place::header}}};
        const std::string name(text_of(member(given, "name", id)));
        const auto at = fmt::format("{} parameter {}", id, name);
        const auto place = std::ranges::find(kPlaces, text_of(member(given, "in", at)),
                                             [](const auto& p) { return p.first; });
        if (place == kPlaces.end()) fail(at, "is in a place that nothing would check");
        auto schema = Schema::compile(document_, member(given, "schema", at), at);
        if (!schema.is_scalar()) fail(at, "is not a string, an integer or a boolean");
        return {name, place->second, flag(given, "required"), std::move(schema)};
    }

    RequestBody body(const Value& given, const std::string& id) const {
        RequestBody body;
        body.required = flag(given, "required");
        const Value* first = nullptr;
        for (const auto& type : member(given, "content", id).GetObject()) {
            const auto& schema = member(type.value, "schema", id);
            if (first && *first != schema) fail(id, "has a schema for each media type");
            first = &schema;
            body.media_types.emplace_back(text_of(type.name));
        }
        if (!first) fail(id, "has a body without a media type");
        body.schema = Schema::compile(document_, *first, fmt::format("{} body", id));
        return body;
    }

    std::vector<std::string> produces(const Value& responses, const std::string& id) const {
        std::set<std::string> types;
        for (const auto& response : responses.GetObject()) {
            if (!text_of(response.name).starts_with('2')) continue;
            if (const auto* content = find(resolved(response.value, id), "content"))
                for (const auto& type : content->GetObject()) types.emplace(text_of(type.name));
        }
        return {types.begin(), types.end()};
    }

    const Value& document_;
    std::set<std::string> operation_ids_;
};

Contract::Contract(std::string_view yaml) : yaml_(yaml) {
    const auto document = yaml_to_json(yaml);
    if (!document.IsObject()) throw std::runtime_error("the OpenAPI document is not a mapping");
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    json_.assign(buffer.GetString(), buffer.GetSize());
    paths_ = Loader(document).paths();
}

std::vector<std::string> Contract::operation_ids() const {
    std::vector<std::string> ids;
    for (const auto& path : paths_)
        for (const auto& [method, endpoint] : path.endpoints) ids.push_back(endpoint.operation_id);
    return ids;
}

bool Contract::fits(const Path& path, std::span<const std::string_view> segments, Match& match) const {
    if (path.segments.size() != segments.size()) return false;
    match.path_arguments.clear();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const auto& [prefix, parameter, suffix] = path.segments[i];
        if (parameter.empty() && segments[i] != prefix) return false;
        if (parameter.empty()) continue;
        auto raw = segments[i];
        if (raw.size() <= prefix.size() + suffix.size() || !raw.starts_with(prefix) || !raw.ends_with(suffix))
            return false;
        raw.remove_prefix(prefix.size());
        raw.remove_suffix(suffix.size());
        auto value = http::percent_decode(raw, false);
        if (!value) return false;  // a name that is not text names nothing
        match.path_arguments.emplace_back(parameter, std::move(*value));
    }
    return true;
}

Contract::Match Contract::match(std::string_view method, std::string_view raw_path) const {
    Match match;
    const auto segments = segments_of(raw_path);
    for (const auto& path : paths_) {
        if (!fits(path, segments, match)) continue;
        match.allow = path.allow;
        const auto found = path.endpoints.find(method == "HEAD" ? "GET" : method);
        if (found != path.endpoints.end()) match.endpoint = &found->second;
        return match;
    }
    return match;
}

std::string Contract::path_of(std::string_view operation_id,
                              const std::vector<std::string>& arguments) const {
    for (const auto& path : paths_)
        for (const auto& [method, endpoint] : path.endpoints) {
            if (endpoint.operation_id != operation_id) continue;
            std::string text;
            auto argument = arguments.begin();
            for (const auto& segment : path.segments)
                text +=
                    fmt::format("/{}{}{}", segment.prefix,
                                segment.parameter.empty() ? "" : percent_encode(*argument++), segment.suffix);
            return text;
        }
    throw std::logic_error(fmt::format("no operation {}", operation_id));
}

}  // namespace bwgw::api
