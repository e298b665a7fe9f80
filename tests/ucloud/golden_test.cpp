#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/bandwidth_dump.h"
#include "tests/ucloud/support.h"

namespace bwgw::ucloud::tests {
namespace {

using bwgw::tests::BandwidthDump;

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

// A pair: what the vendor said, and what we make of it. The first word of the name is the product.
std::vector<std::string> pairs() {
    constexpr std::string_view kReply = ".reply.json";
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(BWGW_FIXTURES)) {
        const auto name = entry.path().filename().string();
        if (name.ends_with(kReply)) names.push_back(name.substr(0, name.size() - kReply.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, IsReadAsWritten) {
    const std::filesystem::path folder(BWGW_FIXTURES);
    const auto* brand = GetParam().starts_with("legacy_")   ? kLegacy
                        : GetParam().starts_with("simple_") ? kSimple
                                                            : kEip;
    FakeVendor vendor(always(text_of(folder / (GetParam() + ".reply.json"))));
    const auto account = provider(brand, vendor);
    const auto listing = result_of(account->list(context(), {}));
    ASSERT_TRUE(listing) << listing.failure().detail;
    EXPECT_TRUE(listing->complete()) << listing->problem->detail;
    EXPECT_EQ(BandwidthDump::of(listing->items),
              BandwidthDump::canonical(text_of(folder / (GetParam() + ".bandwidths.json"))));
}

INSTANTIATE_TEST_SUITE_P(Vendor, Golden, testing::ValuesIn(pairs()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace bwgw::ucloud::tests
