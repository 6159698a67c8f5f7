"""The search over the whole company: an index beside the stores, built again whenever it does not fit them."""
