//! Selectors, held against the elements of a page. Each look at another element is work.

use super::dom::{Kind, Node};
use crate::domain::budget::Budget;
use crate::domain::css::{Css, Name, Names, Never, Quoted};
use html5ever::{Namespace, local_name as local, ns};
use selectors::attr::{AttrSelectorOperation, CaseSensitivity, NamespaceConstraint};
use selectors::bloom::BloomFilter;
use selectors::matching::{
    ElementSelectorFlags, MatchingContext, MatchingForInvalidation, MatchingMode,
    NeedsSelectorFlags, QuirksMode, SelectorCaches, matches_selector_list,
};
use selectors::{Element, OpaqueElement};
use std::fmt;

/// Steps for a look at an element: what is asked of it takes longer than to pass a value.
const LOOK: usize = 30;

impl<'p> Node<'p> {
    /// The elements inside of it that match, in the order of the page. What the selectors ask
    /// about elements around it holds, too: `ul.jobs a` finds an `a` in an item of such a list.
    pub fn select<'s>(self, css: &'s Css, budget: &'s Budget) -> impl Iterator<Item = Node<'p>>
    where
        'p: 's,
    {
        let (mut at, mut caches) = (Some(self), SelectorCaches::default());
        std::iter::from_fn(move || {
            loop {
                at = at?.next_in(self);
                let node = at?;
                budget.work(LOOK);
                if budget.check().is_err() {
                    return None;
                }
                if node.element().is_some() && node.matches(self, css, budget, &mut caches) {
                    return Some(node);
                }
            }
        })
    }

    fn matches(self, scope: Node, css: &Css, budget: &Budget, caches: &mut SelectorCaches) -> bool {
        let quirks = if self.page.quirks { QuirksMode::Quirks } else { QuirksMode::NoQuirks };
        let mut context = MatchingContext::new(
            MatchingMode::Normal,
            None,
            caches,
            quirks,
            NeedsSelectorFlags::No,
            MatchingForInvalidation::No,
        );
        let scope = scope.slot().filter(|slot| matches!(slot.kind, Kind::Element(_)));
        // Of the page as a whole it is the root.
        context.scope_element = scope.map(OpaqueElement::new);
        // Places among elements that a selector names are known by the selector, which may go.
        let shared = !css.text().contains(" of ");
        let swap = |context: &mut MatchingContext<Names>| {
            if shared && let Ok(mut places) = self.page.places.try_borrow_mut() {
                std::mem::swap(&mut context.selector_caches.nth_index, &mut places);
            }
        };
        swap(&mut context);
        let found = matches_selector_list(css.list(), Seen { node: self, budget }, &mut context);
        swap(&mut context);
        found
    }
}

/// An element that is looked at.
#[derive(Clone, Copy)]
struct Seen<'p, 'b> {
    node: Node<'p>,
    budget: &'b Budget,
}

impl fmt::Debug for Seen<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<'p> Seen<'p, '_> {
    /// Follows nodes to the first that is an element; there is none once the work is spent.
    fn first(self, mut node: Option<Self>, next: impl Fn(Self) -> Option<Self>) -> Option<Self> {
        while let Some(at) = node {
            self.budget.work(LOOK);
            if at.node.element().is_some() {
                return self.budget.check().is_ok().then_some(at);
            }
            node = next(at);
        }
        None
    }

    fn before(self) -> Option<Self> {
        Some(Seen { node: self.node.near(|slot| slot.before)?, ..self })
    }

    fn after(self) -> Option<Self> {
        Some(Seen { node: self.node.near(|slot| slot.after)?, ..self })
    }

    fn attribute(self, name: &html5ever::LocalName) -> Option<&'p str> {
        let attributes = &self.node.element()?.attributes;
        self.budget.work(1 + attributes.len());
        attributes.iter().find(|own| own.name == *name).map(|own| &*own.value)
    }
}

impl Element for Seen<'_, '_> {
    type Impl = Names;

    fn opaque(&self) -> OpaqueElement {
        // A node's slot stays where it is while its page is there.
        self.node.slot().map_or_else(|| OpaqueElement::new(self.budget), OpaqueElement::new)
    }

    fn parent_element(&self) -> Option<Self> {
        let node = self.node.near(|slot| slot.parent)?;
        self.first(Some(Seen { node, ..*self }), |_| None)
    }

    fn parent_node_is_shadow_root(&self) -> bool {
        false
    }

    fn containing_shadow_host(&self) -> Option<Self> {
        None
    }

    fn is_pseudo_element(&self) -> bool {
        false
    }

    fn prev_sibling_element(&self) -> Option<Self> {
        self.first(self.before(), Seen::before)
    }

    fn next_sibling_element(&self) -> Option<Self> {
        self.first(self.after(), Seen::after)
    }

    fn first_element_child(&self) -> Option<Self> {
        let node = self.node.near(|slot| slot.first)?;
        self.first(Some(Seen { node, ..*self }), Seen::after)
    }

    fn is_html_element_in_html_document(&self) -> bool {
        self.node.element().is_some_and(|element| element.name.ns == ns!(html))
    }

    fn has_local_name(&self, name: &Name) -> bool {
        self.node.element().is_some_and(|element| element.name.local == name.0)
    }

    fn has_namespace(&self, namespace: &Namespace) -> bool {
        self.node.element().is_some_and(|element| element.name.ns == *namespace)
    }

    fn is_same_type(&self, other: &Self) -> bool {
        let name = |seen: &Self| seen.node.element().map(|element| &element.name);
        match (name(self), name(other)) {
            (Some(one), Some(two)) => (&one.local, &one.ns) == (&two.local, &two.ns),
            _ => false,
        }
    }

    fn attr_matches(
        &self,
        _: &NamespaceConstraint<&Namespace>,
        name: &Name,
        operation: &AttrSelectorOperation<&Quoted>,
    ) -> bool {
        let Some(value) = self.attribute(&name.0) else { return false };
        self.budget.work(value.len() / 8);
        operation.eval_str(value)
    }

    fn match_non_ts_pseudo_class(&self, pc: &Never, _: &mut MatchingContext<Names>) -> bool {
        match *pc {}
    }

    fn match_pseudo_element(&self, pe: &Never, _: &mut MatchingContext<Names>) -> bool {
        match *pe {}
    }

    fn apply_selector_flags(&self, _: ElementSelectorFlags) {}

    fn is_link(&self) -> bool {
        false
    }

    fn is_html_slot_element(&self) -> bool {
        false
    }

    fn has_id(&self, id: &Name, case: CaseSensitivity) -> bool {
        let own = self.attribute(&local!("id"));
        own.is_some_and(|own| case.eq(own.as_bytes(), id.0.as_bytes()))
    }

    fn has_class(&self, name: &Name, case: CaseSensitivity) -> bool {
        let Some(classes) = self.attribute(&local!("class")) else { return false };
        self.budget.work(classes.len() / 8);
        let mut classes = classes.split_ascii_whitespace();
        classes.any(|class| case.eq(class.as_bytes(), name.0.as_bytes()))
    }

    fn has_custom_state(&self, _: &Name) -> bool {
        false
    }

    fn imported_part(&self, _: &Name) -> Option<Name> {
        None
    }

    fn is_part(&self, _: &Name) -> bool {
        false
    }

    fn is_empty(&self) -> bool {
        self.node.near(|slot| slot.first).is_none()
    }

    fn is_root(&self) -> bool {
        let parent = self.node.near(|slot| slot.parent);
        parent.is_some_and(|parent| parent.element().is_none())
    }

    fn add_element_unique_hashes(&self, _: &mut BloomFilter) -> bool {
        // No filter is made then.
        false
    }
}
