"""What is bought in these tests: one line for each product, the accounts that sell it, and their secrets."""

import dataclasses

SECRETS = {
    "SCLOUD_PUBLIC": "pk-scloud-canary", "SCLOUD_PRIVATE": "sk-scloud-canary",
    "DEZAI_PUBLIC": "pk-dezai-canary", "DEZAI_PRIVATE": "sk-dezai-canary",
    "ZENLAYER_ID": "ZCCANARYACCESSKEYID", "ZENLAYER_PASSWORD": "pw-zenlayer-canary",
}
VPC = "1100000000000000001"
BRANDS = [
    {"name": "scloud", "family": "ucloud", "port": 0, "public_key": SECRETS["SCLOUD_PUBLIC"],
     "private_key": SECRETS["SCLOUD_PRIVATE"], "project": "org-demo", "products": ["legacy", "eip"],
     "regions": ["hk", "sg", "us-ca"], "ugns": [{"id": "ugn-1", "regions": ["hk", "sg", "us-ca"]}],
     "eips": [{"id": "eip-1", "region": "hk", "ip": "203.0.113.1"}, {"id": "eip-2", "region": "sg", "ip": "203.0.113.2"}]},
    {"name": "dezai", "family": "ucloud", "port": 0, "public_key": SECRETS["DEZAI_PUBLIC"],
     "private_key": SECRETS["DEZAI_PRIVATE"], "project": "org-demo", "products": ["simple"],
     "regions": ["hk", "sg", "us-ca"], "ugns": [{"id": "ugn-9", "regions": ["hk", "sg", "us-ca"]}]},
    {"name": "zenlayer", "family": "zenlayer", "port": 0, "access_key_id": SECRETS["ZENLAYER_ID"],
     "access_key_password": SECRETS["ZENLAYER_PASSWORD"],
     "vpcs": [{"id": VPC, "name": "a",
               "regions": ["asia-east-1", "asia-southeast-1", "europe-west-1", "na-west-1"]}]},
]


# Hundreds of calls a second, and faults by the dozen: what guards an account has tests of its own.
UNGUARDED = {"limits": {"reads_per_second": 10000, "writes_per_second": 10000, "burst": 1000, "concurrent_reads": 1000,
                        "concurrent_writes": 1000, "queue": 1000},
             "breaker": {"faults": 1000}}


def accounts(port):
    """The settings of every account; `port` tells where a brand listens."""
    def ucloud(name, **more):
        env = name.upper()
        return {"name": name, "family": "ucloud", "endpoint": f"http://127.0.0.1:{port(name)}/", "project": "org-demo",
                "credentials": {"public_key": {"env": env + "_PUBLIC"}, "private_key": {"env": env + "_PRIVATE"}},
                **UNGUARDED, **more}
    return [ucloud("scloud", inter_region="legacy", eip_boost=True, eip_regions=["hk", "sg"]),
            ucloud("dezai", inter_region="simple", price={"currency": "USD", "unit": 0.01}),
            zenlayer(port, "zenlayer")]


def zenlayer(port, name):
    return {"name": name, "family": "zenlayer", "endpoint": f"http://127.0.0.1:{port('zenlayer')}",
            "credentials": {"access_key_id": {"env": "ZENLAYER_ID"}, "access_key_password": {"env": "ZENLAYER_PASSWORD"}},
            "price": {"currency": "USD", "unit": 1, "per": "month"}, **UNGUARDED}


@dataclasses.dataclass(frozen=True)
class Product:
    name: str
    brand: str  # also the provider's name
    create: str
    resize: str
    release: str
    list: str
    ends: tuple
    members: dict
    unclear_code: str

    def order(self, which=0, **more):
        """The which-th of two orders that do not stand in each other's way."""
        order = {"provider": self.brand, "bandwidth_mbps": 10, **self.members}
        if self.name == "eip":
            order |= {"eip_id": f"eip-{which + 1}", "region": self.ends[which]}
        else:
            order |= {"region_a": self.ends[which], "region_b": self.ends[2]}
        return order | more


MONTH = {"model": "fixed", "payment": "prepaid", "term": {"unit": "month", "count": 1}}
PRODUCTS = [
    Product("legacy", "scloud", "CreateInterRegionBandwidth", "ModifyInterRegionBandwidth", "DeleteInterRegionBandwidth",
            "DescribeInterRegionBandwidth", ("hk", "sg", "us-ca"),
            {"kind": "inter_region", "network_id": "ugn-1", "billing": MONTH}, "110"),
    Product("simple", "dezai", "CreateSimpleUGNBwPackage", "ModifyUGNBandwidth", "DeleteUGNBwPackage",
            "GetSimpleUGNBwPackages", ("hk", "sg", "us-ca"),
            {"kind": "inter_region", "network_id": "ugn-9", "name": "edge", "billing": MONTH}, "110"),
    Product("eip", "scloud", "CreateBandwidthPackage", "", "DeleteBandwidthPackage", "DescribeBandwidthPackage",
            ("hk", "sg"), {"kind": "eip_boost", "billing": {"model": "fixed", "term": {"unit": "hour", "count": 2}}}, "110"),
    Product("crb", "zenlayer", "CreateCrossRegionBandwidth", "ModifyCrossRegionBandwidth", "DeleteCrossRegionBandwidth",
            "DescribeCrossRegionBandwidth", ("asia-east-1", "asia-southeast-1", "europe-west-1"),
            {"kind": "inter_region", "network_id": VPC, "name": "edge", "billing": {"model": "fixed"}},
            "REQUEST_TIMED_OUT"),
]
LEGACY, SIMPLE, EIP, CRB = PRODUCTS
