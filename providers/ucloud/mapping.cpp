#include "providers/ucloud/mapping.h"

#include <fmt/format.h>

#include <utility>

#include "providers/translation/fields.h"

namespace bwgw::ucloud {
namespace {

using translation::details_besides;
using translation::Fields;
constexpr auto kAnyCase = translation::Keys::any_case;  // the vendor's own pages disagree on the case of keys

constexpr Mbps kLeastOrdered = Mbps::of(1);

Result<Bandwidth> judged(const Fields& fields, Bandwidth row) {
    if (auto wrong = fields.wrong()) return *std::move(wrong);
    return row;
}

std::optional<Ends> ends_of(Fields& fields, std::string_view a, std::string_view b) {
    auto first = fields.text_if(a);
    auto second = fields.text_if(b);
    if (!first || !second) return std::nullopt;
    return Ends{*std::move(first), *std::move(second)};
}

// Below what can be ordered, named by nobody and without an end: the package that comes with the network. A
// bought one that is throttled for arrears keeps its marker or its expiry.
bool is_default_package(const Bandwidth& row, bool free) {
    if (free) return true;
    return row.bandwidth && *row.bandwidth < kLeastOrdered && row.marker.empty() && !row.expires_at;
}

State boost_state(const Bandwidth& row, Instant now) {
    if (!row.starts_at) return State::unknown;
    if (now < *row.starts_at) return State::creating;
    return row.expires_at && now >= *row.expires_at ? State::deleting : State::active;
}

std::optional<Term> whole_hours(const Bandwidth& row) {
    if (!row.starts_at || !row.expires_at) return std::nullopt;
    const auto span = *row.expires_at - *row.starts_at;
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(span);
    if (hours.count() < 1 || hours != span) return std::nullopt;
    return Term{TermUnit::hour, static_cast<int>(hours.count())};
}

}  // namespace

Result<Bandwidth> legacy_row(const rapidjson::Value& row, const Words& words) {
    Fields fields(row, kAnyCase, "InterRegionBandwidths[]");
    Bandwidth out;
    out.network_id = fields.text("UGNId");
    out.ref = {"legacy", *out.network_id, fields.text("InterRegionBandwidthId")};
    out.ends = ends_of(fields, "Region0", "Region1");
    out.bandwidth = fields.mbps_if("Bandwidth");
    out.billing.model = words.billing_model(fields.text_if("PayMode"));
    out.billing.payment = words.payment(fields.text_if("ChargeType"));
    out.provider_state = fields.text_if("State");
    out.state = words.state(out.provider_state);
    out.created_at = fields.unix_seconds_if("CreateTime");
    out.expires_at = fields.unix_seconds_if("ExpireTime");
    out.provider_details = details_besides(row,
                                           {"UGNId", "InterRegionBandwidthId", "Region0", "Region1",
                                            "Bandwidth", "State", "CreateTime", "ExpireTime"},
                                           kAnyCase);
    return judged(fields, std::move(out));
}

Result<Bandwidth> simple_row(const rapidjson::Value& row, const Words& words) {
    Fields fields(row, kAnyCase, "BwPackages[]");
    Bandwidth out;
    out.network_id = fields.text("UGNID");
    out.ref = {"simple", *out.network_id, fields.text("PackageID")};
    auto name = TaggedName::parse(fields.text_if("Name").value_or(""));
    if (!name.name.empty()) out.name = std::move(name.name);
    out.marker = std::move(name.marker);
    out.ends = ends_of(fields, "RegionA", "RegionB");
    out.bandwidth = fields.mbps_if("BandWidth");
    const auto pay_mode = fields.text_if("PayMode");
    out.billing.model = words.billing_model(pay_mode);
    out.service_tier = translation::ours(kTiers, fields.text_if("Qos").value_or(""));
    out.path_policy = translation::ours(kPaths, fields.text_if("Path").value_or(""));
    out.state = State::active;  // there is no State: a package that is shown is in force
    out.created_at = fields.unix_seconds_if("CreateTime");
    out.expires_at = fields.unix_seconds_if("ExpireTime");
    if (is_default_package(out, pay_mode == words.free)) out.kind = Kind::inter_region_default;
    out.provider_details = details_besides(
        row, {"UGNID", "PackageID", "Name", "RegionA", "RegionB", "BandWidth", "CreateTime", "ExpireTime"},
        kAnyCase);
    return judged(fields, std::move(out));
}

Result<Bandwidth> eip_row(const rapidjson::Value& row, const std::string& region, Instant now) {
    Fields fields(row, kAnyCase, "DataSets[]");
    Bandwidth out;
    out.kind = Kind::eip_boost;
    out.ref = {"eip", region, fields.text("BandwidthPackageId")};
    out.region = region;
    out.eip_id = fields.text_if("EIPId");
    out.bandwidth = fields.mbps_if("Bandwidth");
    out.created_at = fields.unix_seconds_if("CreateTime");
    out.starts_at = fields.unix_seconds_if("EnableTime");
    out.expires_at = fields.unix_seconds_if("DisableTime");
    out.billing.term = whole_hours(out);
    out.state = boost_state(out, now);
    out.provider_details = details_besides(
        row, {"BandwidthPackageId", "EIPId", "Bandwidth", "CreateTime", "EnableTime", "DisableTime"},
        kAnyCase);
    return judged(fields, std::move(out));
}

Result<std::vector<std::string>> region_codes(const rapidjson::Value& reply) {
    Fields fields(reply, translation::Keys::any_case, "");
    const auto* list = fields.array_if("RegionList");
    if (auto wrong = fields.wrong()) return *std::move(wrong);
    if (!list) return Failure{Slug::provider_contract_violation, "RegionList is missing"};
    std::vector<std::string> codes;
    for (const auto& element : list->GetArray()) {
        if (element.IsString()) {
            codes.emplace_back(element.GetString(), element.GetStringLength());
            continue;
        }
        Fields region(element, translation::Keys::any_case, "RegionList");
        codes.push_back(region.text("Region"));
        if (auto wrong = region.wrong()) return *std::move(wrong);
    }
    return codes;
}

Result<Bandwidth> network_row(const rapidjson::Value& row) {
    Fields fields(row, kAnyCase, "UGNs[]");
    Bandwidth out;
    out.ref.native_id = fields.text("UGNID");
    return judged(fields, std::move(out));
}

Result<translation::Page> page_of(const rapidjson::Value& reply, const Rows& rows) {
    Fields fields(reply, kAnyCase, "");
    translation::Page page;
    page.total = fields.integer_if("TotalCount");
    const rapidjson::Value* list = nullptr;
    for (const auto name : rows.arrays)
        if (!list) list = fields.array_if(name);
    if (auto wrong = fields.wrong()) return *std::move(wrong);
    if (!list) {
        if (page.total == 0 || (rows.optional && !page.total)) return page;
        return Failure{Slug::provider_contract_violation, fmt::format("{} is missing", rows.arrays.front())};
    }
    for (const auto& row : list->GetArray()) {
        page.ids.push_back(Fields(row, kAnyCase, "").text_if(rows.id).value_or(""));
        auto mapped = rows.map(row);
        if (mapped) {
            page.rows.push_back(*std::move(mapped));
        } else if (!page.problem) {
            page.problem = std::move(mapped).failure();
        }
    }
    return page;
}

void add_array(Parameters& parameters, std::string_view name, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) parameters[fmt::format("{}.{}", name, i)] = values[i];
}

}  // namespace bwgw::ucloud
