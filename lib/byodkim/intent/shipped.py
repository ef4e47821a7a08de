"""Digests of the shipped notebooks' code cells, in order: ``make templates`` writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SHIPPED: Final[Mapping[str, tuple[str, ...]]] = {
    "rotate": (
        "690c52411ad5aa99ecd8cfe9f5c3acfac3d38f8519207abe15768b01c8d70abc",
        "parameters",
        "a0edbc4b967ee5e8cf71f1e7a48048701125fc685b828c14b2ffc4119164d90c",
        "d9f0a313b9edfb1cb18b9a46f0216e1b538be48b2c0fe3330d4eeb01f0650e7a",
        "2d914bea12c2f54fe0d0861fc33abeadb7b250e9dae6d402d2402d56d77af5f5",
        "664a9cbd099946835d18d34c483c7abeff7a4d54e5485be13fa409fb9927a453",
        "eeec3aa5bd008fbfc31c211661169c5614f2752e41d31b574ca3cf1fbbf8f5f5",
        "0d72c3866cad7a170121ca5971e6f2c675033324704d5a8e2cfcc8cb6c248ffe",
        "856caa15181319b3380aa31e776faad696df52792885d484c8a2016776f6a284",
        "7832e8049906580034897c174121002f5466b1790828968bdeaee4bd4f2aecf6",
        "9a219857ec644f1d0f813879bc201fbf21c763e27194d00519f88997a1a5e374",
        "9c78536b7393f0edb8c4ddd448b868e3e3b9555a095850253cdbe57adb364f70",
    ),
    "prepare": (
        "690c52411ad5aa99ecd8cfe9f5c3acfac3d38f8519207abe15768b01c8d70abc",
        "parameters",
        "c5c26562c1cce649d5a38a008f29eaa58d0deeb43ddf31f4fc1da71120a90594",
        "d9f0a313b9edfb1cb18b9a46f0216e1b538be48b2c0fe3330d4eeb01f0650e7a",
        "664a9cbd099946835d18d34c483c7abeff7a4d54e5485be13fa409fb9927a453",
        "eeec3aa5bd008fbfc31c211661169c5614f2752e41d31b574ca3cf1fbbf8f5f5",
        "0d72c3866cad7a170121ca5971e6f2c675033324704d5a8e2cfcc8cb6c248ffe",
        "2d914bea12c2f54fe0d0861fc33abeadb7b250e9dae6d402d2402d56d77af5f5",
        "9a219857ec644f1d0f813879bc201fbf21c763e27194d00519f88997a1a5e374",
        "9c78536b7393f0edb8c4ddd448b868e3e3b9555a095850253cdbe57adb364f70",
    ),
    "retire": (
        "690c52411ad5aa99ecd8cfe9f5c3acfac3d38f8519207abe15768b01c8d70abc",
        "parameters",
        "691fe74ca54d7ba88bcf4a9cb5b265d25dafa3258f1ba55bdbaba4e08e2d40b1",
        "d9f0a313b9edfb1cb18b9a46f0216e1b538be48b2c0fe3330d4eeb01f0650e7a",
        "664a9cbd099946835d18d34c483c7abeff7a4d54e5485be13fa409fb9927a453",
        "eeec3aa5bd008fbfc31c211661169c5614f2752e41d31b574ca3cf1fbbf8f5f5",
        "0d72c3866cad7a170121ca5971e6f2c675033324704d5a8e2cfcc8cb6c248ffe",
        "856caa15181319b3380aa31e776faad696df52792885d484c8a2016776f6a284",
        "9a219857ec644f1d0f813879bc201fbf21c763e27194d00519f88997a1a5e374",
        "9c78536b7393f0edb8c4ddd448b868e3e3b9555a095850253cdbe57adb364f70",
    ),
    "fleet": (
        "690c52411ad5aa99ecd8cfe9f5c3acfac3d38f8519207abe15768b01c8d70abc",
        "parameters",
        "012243483d658148a83ef7f0d9b7136e8e6e19d897d931e5190543e39eb24cce",
        "d9f0a313b9edfb1cb18b9a46f0216e1b538be48b2c0fe3330d4eeb01f0650e7a",
        "eeec3aa5bd008fbfc31c211661169c5614f2752e41d31b574ca3cf1fbbf8f5f5",
        "664a9cbd099946835d18d34c483c7abeff7a4d54e5485be13fa409fb9927a453",
        "0d72c3866cad7a170121ca5971e6f2c675033324704d5a8e2cfcc8cb6c248ffe",
        "9a219857ec644f1d0f813879bc201fbf21c763e27194d00519f88997a1a5e374",
        "9c78536b7393f0edb8c4ddd448b868e3e3b9555a095850253cdbe57adb364f70",
    ),
}
#: The digest of all of a notebook's code, as its runs name it.
CODE: Final[Mapping[str, str]] = {
    "rotate": "254e6c4813233e5203c6dcb939aba21e42a6670ffcf05f59186394b18fbd477a",
    "prepare": "a5398f68b2d760052bbd6c7119c00525c542c7754e6b60de1b19fdb88f42ab49",
    "retire": "e79d0a6d5741067ec702c9df55625b929781b6e7e16e21360428d74bf29516b6",
    "fleet": "7d3b00c18d59de56f15ba486fb2dd5d7cdac4c526a63aac75fe45818779e58d2",
}
#: The digest of all of a notebook's cells, as its runs name it.
TEMPLATES: Final[Mapping[str, str]] = {
    "rotate": "e6326084d518971187267fa6325661ac4b122b4048412df8c4a7c63ebe72ef38",
    "prepare": "c33f08dd27dd1dd87eee5ba950c37273a323faa41b448acf9c7750bdeaf12640",
    "retire": "aecbd084f2a7507319c0dd9eea6d2dc0569e3f1ab7874c12e1efa0cb17812c65",
    "fleet": "6bc8f13ede57f3526085033dfefb3f7c8e6853274f3bca4e2bad8f15739e5949",
}
