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
    "rotate": "f08137b45b8270ec513ec8b3212f16c7fb9739a9e800b18511c6ae9a99b4a0d8",
    "prepare": "729684f80d85161524e33e8a5ab1bc5ab66225d95494134df56a422685be2529",
    "retire": "6129e6d7ce37bf94e0c27590d8d4ef8d7229d8c6eeb6a94752f44d3ae419f97d",
    "fleet": "a580598887a2a2dc00697b73be0a406b88a58a0e61a840a10cb456801c477cd3",
}
#: The digest of all of a notebook's cells, as its runs name it.
TEMPLATES: Final[Mapping[str, str]] = {
    "rotate": "3c231cbe9b0886c8cdcac79cfe2692e4eded6bf0e32c57035370002185efd5ef",
    "prepare": "049c1ff20ba539adf17f9ad94a5669d77b7c779398063bb598e8b24d1ff8c632",
    "retire": "0d7058905399fe8962a12952e79ef7ece68d29e6514f41bab1dd3f9bde260034",
    "fleet": "c228dab1c0547279815dbe0bfa8e78638e626b2e3b5df2f549713be50eaf9b0d",
}
