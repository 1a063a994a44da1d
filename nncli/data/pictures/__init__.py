"""Pictures: image files decoded, brought to one size, and folders of them as data sets."""
