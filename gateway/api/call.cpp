#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "gateway/api/contract.h"
#include "gateway/api/fields.h"
#include "gateway/api/json.h"

namespace bwgw::api {
namespace {

using Errors = std::vector<FieldError>;

bool is_blank(std::string_view body) {
    return body.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void read_parameter(const Parameter& parameter, std::optional<std::string> given, const char* prefix,
                    Call& call, Errors& errors) {
    if (given) {
        parameter.schema.check_text(*given, prefix + parameter.name, errors);
        call.arguments.emplace_back(parameter.name, std::move(*given));
    } else if (parameter.required) {
        errors.push_back({prefix + parameter.name, "is required"});
    } else if (const auto& otherwise = parameter.schema.otherwise()) {
        call.arguments.emplace_back(parameter.name, *otherwise);
    }
}

void read_query(const Endpoint& endpoint, std::string_view query, Call& call, Errors& errors) {
    const auto pairs = http::parse_query(query);
    if (!pairs) {
        errors.push_back({"?", "the query is not percent-encoded UTF-8"});
        return;
    }
    std::map<std::string, std::string> given;
    for (const auto& [name, value] : *pairs) {
        if (errors.size() == Schema::kMaxErrors) return;
        const bool known = std::ranges::any_of(endpoint.parameters, [&](const Parameter& parameter) {
            return parameter.place == Place::query && parameter.name == name;
        });
        if (!known) {
            errors.push_back({"?" + name, "is not a known parameter"});
        } else if (!given.emplace(name, value).second) {
            errors.push_back({"?" + name, "is there more than once"});
        }
    }
    for (const auto& parameter : endpoint.parameters) {
        if (parameter.place != Place::query) continue;
        const auto found = given.find(parameter.name);
        read_parameter(parameter,
                       found == given.end() ? std::nullopt : std::optional(std::move(found->second)), "?",
                       call, errors);
    }
}

void read_headers(const Endpoint& endpoint, const http::Request& request, Call& call, Errors& errors) {
    for (const auto& parameter : endpoint.parameters) {
        if (parameter.place != Place::header) continue;
        auto given = field(request, parameter.name);
        if (given && !is_plain(*given)) {
            errors.push_back({"#" + parameter.name, "must be visible ASCII"});
        } else {
            read_parameter(parameter, std::move(given), "#", call, errors);
        }
    }
}

Result<void> read_body(const Endpoint& endpoint, const http::Request& request, Call& call, Errors& errors) {
    if (!endpoint.body) {
        if (!request.body.empty()) errors.push_back({"", "this operation takes no body"});
        return {};
    }
    const auto& body = *endpoint.body;
    if (is_blank(request.body)) {
        if (body.required) errors.push_back({"", "a body is required"});
        return {};
    }
    const auto type = media_type(field(request, "Content-Type").value_or(""));
    if (std::ranges::find(body.media_types, type) == body.media_types.end())
        return Failure{.slug = Slug::unsupported_media_type,
                       .detail = fmt::format("Send {}.", fmt::join(body.media_types, " or "))};
    auto parsed = parse_json(request.body);
    if (!parsed) {
        // Mistakes of the parameters stand beside it.
        parsed.failure().errors.insert(parsed.failure().errors.begin(), errors.begin(), errors.end());
        return parsed.failure();
    }
    call.body = std::move(*parsed);
    body.schema.check(*call.body, "", errors);
    return {};
}

}  // namespace

std::optional<std::string> Call::text(std::string_view name) const {
    for (const auto& [given, value] : arguments)
        if (given == name) return value;
    return std::nullopt;
}

std::int64_t Call::integer(std::string_view name) const {
    const auto digits = text(name).value_or("0");
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

bool Call::flag(std::string_view name) const {
    return text(name) == "true";
}

Result<Call> Contract::read(Match match, const http::Request& request) const {
    const auto& endpoint = *match.endpoint;
    if (!acceptable(field(request, "Accept"), endpoint.produces))
        return Failure{.slug = Slug::not_acceptable,
                       .detail = fmt::format("The answer is {}.", fmt::join(endpoint.produces, " or "))};
    Call call;
    Errors errors;
    call.arguments = std::move(match.path_arguments);
    for (const auto& [name, value] : call.arguments)
        std::ranges::find(endpoint.parameters, name, &Parameter::name)->schema.check_text(value, "", errors);
    if (!errors.empty()) return Failure{.slug = Slug::not_found, .detail = "Nothing has this name."};

    read_query(endpoint, request.query(), call, errors);
    read_headers(endpoint, request, call, errors);
    if (auto body = read_body(endpoint, request, call, errors); !body) return std::move(body).failure();
    if (errors.empty()) return call;
    if (errors.size() > Schema::kMaxErrors) errors.resize(Schema::kMaxErrors);
    return Failure{.slug = Slug::invalid_request,
                   .detail = "The request is not valid; see errors.",
                   .errors = std::move(errors)};
}

}  // namespace bwgw::api
