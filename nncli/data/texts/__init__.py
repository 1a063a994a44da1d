"""Texts: windows of one long text, sentences as the numbers of their words, and folders of them as data sets."""
