"""What all instruments share: their class, settings, bundler and packing, and the JavaScript beside them."""
