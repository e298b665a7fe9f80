#include "tests/conformance/harness.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <csignal>
#include <cstdlib>

#include "providers/catalog.h"

namespace bwgw::conformance {
namespace {

Order pair_of(int which, std::string network, std::array<std::string, 3> regions) {
    constexpr std::array<std::pair<std::size_t, std::size_t>, 3> kPairs{{{0, 1}, {0, 2}, {1, 2}}};
    const auto [a, b] = kPairs.at(static_cast<std::size_t>(which));
    Order order{
        .kind = Kind::inter_region, .name = fmt::format("edge-{}", which), .network_id = std::move(network)};
    order.ends = {regions[a], regions[b]};
    order.marker = fmt::format("gw-aaaaaaaaaa{0}{0}", static_cast<char>('a' + which));
    order.bandwidth_mbps = 10;
    return order;
}

Order ugn_order(int which) {
    auto order = pair_of(which, "ugn-1", {"hk", "sg", "us-ca"});
    order.billing = {BillingModel::fixed, Payment::prepaid, Term{TermUnit::month, 1}};
    return order;
}

Order vpc_order(int which) {
    auto order = pair_of(which, "1100000000000000001", {"asia-east-1", "europe-west-1", "na-west-1"});
    order.billing.model = BillingModel::fixed;
    return order;
}

Order boost_order(int which) {
    Order order{.kind = Kind::eip_boost,
                .region = which == 0 ? "hk" : "sg",
                .eip_id = which == 0 ? "eip-1" : "eip-2"};
    order.bandwidth_mbps = 10;
    order.billing = {BillingModel::fixed, Payment::unspecified, Term{TermUnit::hour, 2}};
    return order;
}

void bill_as_it_is(Order& order, BillingModel model) {
    order.billing.model = model;
}

void bill_simple(Order& order, BillingModel model) {
    order.billing = {model, Payment::unspecified, std::nullopt};
    if (model == BillingModel::fixed) order.billing.term = Term{TermUnit::month, 1};
}

void bill_crb(Order& order, BillingModel model) {
    order.billing = {model, Payment::unspecified, std::nullopt};
    if (model == BillingModel::percentile_95) order.burst_mbps = order.bandwidth_mbps * 10;
}

Product ucloud(std::string name, std::string settings, std::map<Action, std::string> actions) {
    Product product{.name = name, .settings = "family: ucloud, project: org-demo, " + settings};
    product.credentials = fmt::format(
        "{{public_key: {{env: BWGW_TEST_pk-{0}}}, private_key: {{env: BWGW_TEST_sk-{0}}}}}", name);
    product.wrong_credentials = fmt::format(
        "{{public_key: {{env: BWGW_TEST_pk-{0}}}, private_key: {{env: BWGW_TEST_sk-wrong}}}}", name);
    product.secrets = {"pk-" + name, "sk-" + name, "sk-wrong"};
    product.vendor_actions = std::move(actions);
    product.order = ugn_order;
    product.bill = bill_as_it_is;
    product.ambiguous_codes = {"110", "130", "150", "77777"};
    return product;
}

Product zenlayer() {
    Product product{.name = "crb", .settings = "family: zenlayer"};
    product.credentials =
        "{access_key_id: {env: BWGW_TEST_ZCCONFORMANCE001}, access_key_password: {env: "
        "BWGW_TEST_pw-of-zenlayer}}";
    product.wrong_credentials =
        "{access_key_id: {env: BWGW_TEST_ZCCONFORMANCE001}, access_key_password: {env: BWGW_TEST_sk-wrong}}";
    product.secrets = {"ZCCONFORMANCE001", "pw-of-zenlayer", "sk-wrong"};
    product.vendor_actions = {{Action::create, "CreateCrossRegionBandwidth"},
                              {Action::list, "DescribeCrossRegionBandwidth"},
                              {Action::resize, "ModifyCrossRegionBandwidth"},
                              {Action::rename, "ModifyCrossRegionBandwidthAttribute"},
                              {Action::release, "DeleteCrossRegionBandwidth"}};
    product.order = vpc_order;
    product.bill = bill_crb;
    product.ambiguous_codes = {"INTERNAL_SERVER_ERROR", "REQUEST_TIMED_OUT", "NEVER_HEARD_OF"};
    return product;
}

}  // namespace

const std::vector<Product>& products() {
    static const std::vector<Product> all = [] {
        auto legacy = ucloud("legacy", "inter_region: legacy",
                             {{Action::create, "CreateInterRegionBandwidth"},
                              {Action::list, "DescribeInterRegionBandwidth"},
                              {Action::resize, "ModifyInterRegionBandwidth"},
                              {Action::release, "DeleteInterRegionBandwidth"}});
        auto simple = ucloud("simple", "inter_region: simple",
                             {{Action::create, "CreateSimpleUGNBwPackage"},
                              {Action::list, "ListSimpleBwPackage"},
                              {Action::resize, "ModifyUGNBandwidth"},
                              {Action::release, "DeleteUGNBwPackage"}});
        simple.bill = bill_simple;
        auto eip = ucloud("eip", "inter_region: none, eip_boost: true",
                          {{Action::create, "CreateBandwidthPackage"},
                           {Action::list, "DescribeBandwidthPackage"},
                           {Action::release, "DeleteBandwidthPackage"}});
        eip.order = boost_order;
        return std::vector{std::move(legacy), std::move(simple), std::move(eip), zenlayer()};
    }();
    return all;
}

void PrintTo(const Product& product, std::ostream* out) {
    *out << product.name;
}

Sandbox* Conformance::sandbox_ = nullptr;

void Conformance::SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);  // as the gateway does
    sandbox_ = new Sandbox;
}

void Conformance::TearDownTestSuite() {
    delete sandbox_;
    sandbox_ = nullptr;
}

void Conformance::SetUp() {
    for (const auto& secret : GetParam().secrets)
        ::setenv(("BWGW_TEST_" + secret).c_str(), secret.c_str(), 1);
    sandbox_->post("/reset", "{}");
    sandbox_->heal();
    loop_ = std::make_unique<test::PollLoop>();
    multi_ = std::make_unique<upstream::CurlMulti>(*loop_);
    open(GetParam().credentials, "price: {currency: USD, unit: 0.01, per: month}");
}

void Conformance::TearDown() {
    fleet_.reset();
    transport_.reset();
    multi_.reset();
}

void Conformance::open(const std::string& credentials, const std::string& more, std::uint16_t port) {
    const auto& product = GetParam();
    if (port == 0) port = sandbox_->port(product.name);
    const auto yaml =
        YAML::Load(fmt::format("{{endpoint: 'http://127.0.0.1:{}', credentials: {}, {}{}{}}}", port,
                               credentials, product.settings, more.empty() ? "" : ", ", more));
    SettingsErrors errors;
    SettingsReader reader(yaml, "providers[0]", errors);
    const auto family = reader.text("family");
    const auto make = read_provider(family, product.name, reader);
    reader.finish();
    ASSERT_EQ(errors.items, std::vector<std::string>{});
    fleet_.reset();
    transport_ = std::make_unique<upstream::CurlTransport>(
        *multi_, upstream::UpstreamOptions{.provider = product.name}, unobserved_);
    std::vector<std::unique_ptr<Provider>> providers;
    providers.push_back(make(*transport_));
    fleet_ = std::make_unique<fleet::Fleet>(
        std::move(providers), std::make_shared<fleet::Crosswalk>(std::vector<fleet::Crosswalk::Row>{}),
        std::make_shared<fleet::HealthBoard>());
}

const ProductProfile& Conformance::profile() const {
    return *fleet_->profile(GetParam().name)->product(GetParam().name);
}

// Whatever fails says whose fault it is and betrays no secret.
template <class T>
Result<T> Conformance::run(std::function<Task<T>(const RequestContext&)> call,
                           std::chrono::milliseconds within) {
    const RequestContext context{Deadline::in(within), {"r1", ""}, {}, {}};
    auto result = loop_->run(call(context));
    if (!result) {
        const auto& failure = result.failure();
        EXPECT_EQ(failure.provider, GetParam().name);
        EXPECT_FALSE(failure.detail.empty());
        auto text = failure.detail;
        if (failure.provider_error) text += failure.provider_error->code + failure.provider_error->message;
        for (const auto& secret : GetParam().secrets) EXPECT_EQ(text.find(secret), std::string::npos) << text;
    }
    return result;
}

Result<Listing> Conformance::list(Query query, std::chrono::milliseconds within) {
    return run<Listing>([&](const auto& context) { return fleet_->list(context, GetParam().name, query); },
                        within);
}
Result<Receipt> Conformance::create(Order order, std::chrono::milliseconds within) {
    return run<Receipt>([&](const auto& context) { return fleet_->create(context, GetParam().name, order); },
                        within);
}
Result<Receipt> Conformance::change(const ResourceRef& ref, Change change) {
    return run<Receipt>([&](const auto& context) {
        return fleet_->change(context, {GetParam().name, ref}, change);
    });
}
Result<Receipt> Conformance::release(const ResourceRef& ref) {
    return run<Receipt>([&](const auto& context) {
        return fleet_->release(context, {GetParam().name, ref});
    });
}
Result<Price> Conformance::quote(Wish wish) {
    return run<Price>([&](const auto& context) { return fleet_->quote(context, GetParam().name, wish); });
}
Result<fleet::Learned> Conformance::regions() {
    return run<fleet::Learned>([&](const auto& context) { return fleet_->regions(context); });
}

std::vector<Bandwidth> Conformance::rows() {
    auto listing = list();
    EXPECT_TRUE(listing) << listing.failure().detail;
    if (!listing) return {};
    EXPECT_TRUE(listing->complete()) << listing->problem->detail;
    std::erase_if(listing->items, [&](const Bandwidth& row) { return row.kind != profile().kind; });
    return std::move(listing->items);
}

Bandwidth Conformance::bought(int which) {
    const auto order = GetParam().order(which);
    const auto receipt = create(order);
    EXPECT_TRUE(receipt) << receipt.failure().detail;
    for (auto& row : rows()) {
        const bool ours = !receipt                     ? false
                          : receipt->native_id.empty() ? row.marker == order.marker
                                                       : row.ref.native_id == receipt->native_id;
        if (ours) return row;
    }
    ADD_FAILURE() << "the listing does not show what was bought";
    return {};
}

void Conformance::fault(Action action, const std::string& members) const {
    sandbox_->post("/faults", fmt::format(R"({{"brand":"{}","action":"{}",{}}})", GetParam().name,
                                          vendor_action(action), members));
}

void Conformance::behave(const std::string& members) const {
    sandbox_->post("/behaviour", fmt::format(R"({{"brand":"{}",{}}})", GetParam().name, members));
}

}  // namespace bwgw::conformance
