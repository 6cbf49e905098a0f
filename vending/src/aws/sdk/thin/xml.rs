//! What is read of an answer in XML: elements by their local names, whatever their namespace.

use roxmltree::{Document, Node};

/// An answer.
#[derive(Debug)]
pub(crate) struct Xml<'a>(Document<'a>);

impl<'a> Xml<'a> {
    /// Reads a document; nothing, if it is none. Documents that define entities are none.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        Document::parse(text).ok().map(Self)
    }

    /// The name of the outermost element.
    pub(super) fn root(&self) -> &str {
        self.0.root_element().tag_name().name()
    }

    /// Whether there is an element at a path below the outermost one.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        self.text(path).is_some()
    }

    /// The text of the element at a path below the outermost one; `None` where it is missing.
    pub(crate) fn text(&self, path: &[&str]) -> Option<&str> {
        let mut node = self.0.root_element();
        for name in path {
            node = child(node, name)?;
        }
        Some(node.text().unwrap_or_default().trim())
    }

    /// The text of the first element of this name, wherever it stands.
    pub(super) fn anywhere(&self, name: &str) -> Option<&str> {
        let mut all = self.0.descendants();
        all.find(|node| node.tag_name().name() == name)?.text().map(str::trim)
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && child.tag_name().name() == name)
}
