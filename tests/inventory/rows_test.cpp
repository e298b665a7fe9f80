#include "gateway/inventory/rows.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/inventory/fixture.h"

namespace bwgw::inventory {
namespace {

std::string id_of(const std::string& native_id) {
    return BandwidthId{"east", bandwidth(native_id).ref}.text();
}

std::string native(int number) {
    return fmt::format("n{:06}", number);
}

// Of the even numbers, so that the odd ones are absent.
Rows rows_of(int number) {
    std::vector<RowPtr> rows;
    for (int i = 0; i < number; ++i) rows.push_back(row("east", bandwidth(native(2 * i))));
    std::ranges::sort(rows, {}, &Row::id);
    return Rows(std::move(rows));
}

TEST(Rows, OfNoneHaveNoneAndEndWhereTheyBegin) {
    const std::string any = id_of(native(0));
    for (const auto& rows : {Rows(), Rows(std::vector<RowPtr>()), rows_of(0)}) {
        EXPECT_EQ(rows.size(), 0U);
        EXPECT_EQ(rows.find(any), nullptr);
        EXPECT_EQ(rows.find(""), nullptr);
        EXPECT_EQ(rows.after(any), rows.end());
        EXPECT_EQ(rows.after(""), rows.end());
    }
}

TEST(Rows, OfOneFindItAndNothingElse) {
    const auto rows = rows_of(1);
    EXPECT_EQ(rows.find(id_of(native(0))), rows[0].get());
    for (const auto& absent :
         {std::string(), id_of(native(1)), id_of("n00000"), id_of("n0000000"), id_of("a")})
        EXPECT_EQ(rows.find(absent), nullptr) << absent;
    EXPECT_EQ(rows.after(""), rows.begin());
    EXPECT_EQ(rows.after(id_of(native(0))), rows.end());
    EXPECT_EQ(rows.after("~"), rows.end()) << "behind all";
}

// Of this many some have the same place in the index, and some are looked for beyond its end.
TEST(Rows, OfAnyNumberFindEachAndMissTheAbsentAndGoOnBehindBoth) {
    for (const int number : {2, 3, 5, 6, 12, 13, 205, 206, 1000, 40'000}) {
        const auto rows = rows_of(number);
        ASSERT_EQ(rows.size(), static_cast<std::size_t>(number));
        for (const auto& row : rows) {
            ASSERT_EQ(rows.find(row->id()), row.get());
            ASSERT_EQ(rows.after(row->id()), &row + 1);
        }
        for (int i = 0; i < number; ++i) {
            const auto gone = id_of(native(2 * i + 1));
            ASSERT_EQ(rows.find(gone), nullptr);
            const auto* next = rows.after(gone);
            ASSERT_TRUE(next == rows.end() || (*next)->id() > gone);
            ASSERT_TRUE(next == rows.begin() || (*(next - 1))->id() < gone);
        }
        ASSERT_EQ(rows.after(""), rows.begin());
        ASSERT_EQ(rows.after("~"), rows.end());
    }
}

// As somebody might name his resources who wants others to wait for them.
TEST(Rows, AreFoundAndMissedAlsoWhereTheirIdsCrowdInTheIndex) {
    constexpr std::size_t kRows = 400, kSlots = 512;
    std::vector<std::string> crowd;
    for (int number = 0; crowd.size() < 2 * kRows; ++number)
        if (std::hash<std::string_view>{}(id_of(native(number))) % kSlots == 7)
            crowd.push_back(native(number));
    std::vector<RowPtr> some;
    for (std::size_t i = 0; i < crowd.size(); i += 2) some.push_back(row("east", bandwidth(crowd[i])));
    std::ranges::sort(some, {}, &Row::id);
    const Rows rows(std::move(some));
    for (const auto& row : rows) {
        ASSERT_EQ(rows.find(row->id()), row.get());
        ASSERT_EQ(rows.after(row->id()), &row + 1);
    }
    for (std::size_t i = 1; i < crowd.size(); i += 2) {
        const auto absent = id_of(crowd[i]);
        ASSERT_EQ(rows.find(absent), nullptr);
        const auto* next = rows.after(absent);
        ASSERT_TRUE(next == rows.end() || (*next)->id() > absent);
        ASSERT_TRUE(next == rows.begin() || (*(next - 1))->id() < absent);
    }
}

TEST(Rows, KeepARowAliveThatNobodyElseHolds) {
    auto held = row("east", bandwidth("n1"));
    const auto* only = held.get();
    std::vector<RowPtr> one;
    one.push_back(std::move(held));
    const Rows rows(std::move(one));
    const RowPtr copy = rows.find(id_of("n1"));
    EXPECT_EQ(copy.get(), only);
    EXPECT_EQ(copy->native_id(), "n1");
}

}  // namespace
}  // namespace bwgw::inventory
