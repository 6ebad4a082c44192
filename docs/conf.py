"""Sphinx for the documents of one language; `make docs` runs it once for each, with its language and the version."""

project = "sriov-tui"
author = "the authors of sriov-tui"
extensions = ["myst_parser"]
html_theme = "alabaster"
html_theme_options = {"description": "NIC SR-IOV on Cloudpods KVM hosts", "fixed_sidebar": True, "page_width": "1100px"}
html_show_copyright = html_show_sphinx = html_copy_source = False
myst_heading_anchors = 3
