//! Conditions and updates in DynamoDB's expression language.
//!
//! Attribute names always go through placeholders, so that none can be a reserved word.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::item::{Attributes, PK};

pub(crate) type Names = HashMap<String, String>;

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    text: String,
    names: Names,
    values: Attributes,
}

/// Attributes to set, to remove and to add to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Update {
    sets: Vec<(&'static str, AttributeValue)>,
    removes: Vec<&'static str>,
    adds: Vec<(&'static str, AttributeValue)>,
}

/// The fields of a request that carries expressions; absent where they would be empty, which DynamoDB refuses.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Expressions {
    pub(crate) condition: Option<String>,
    pub(crate) update: Option<String>,
    pub(crate) names: Option<Names>,
    pub(crate) values: Option<Attributes>,
}

impl Condition {
    /// There is no such item.
    pub(crate) fn absent() -> Self {
        Self { text: format!("attribute_not_exists(#{PK})"), names: names(&[PK]), values: HashMap::new() }
    }

    /// There is such an item.
    pub(crate) fn exists() -> Self {
        Self { text: format!("attribute_exists(#{PK})"), names: names(&[PK]), values: HashMap::new() }
    }

    /// There is no such attribute, or no such item.
    pub(crate) fn lacks(name: &'static str) -> Self {
        Self { text: format!("attribute_not_exists(#{name})"), names: names(&[name]), values: HashMap::new() }
    }

    /// The attribute has this value.
    pub(crate) fn equals(name: &'static str, value: AttributeValue) -> Self {
        Self::compare(name, "=", value)
    }

    /// The attribute has at most this value.
    pub(crate) fn at_most(name: &'static str, value: AttributeValue) -> Self {
        Self::compare(name, "<=", value)
    }

    /// The attribute has a greater value.
    pub(crate) fn greater(name: &'static str, value: AttributeValue) -> Self {
        Self::compare(name, ">", value)
    }

    /// Both hold. They must not compare the same attribute.
    pub(crate) fn and(self, other: Self) -> Self {
        self.join("AND", other)
    }

    /// One of them holds. They must not compare the same attribute.
    pub(crate) fn or(self, other: Self) -> Self {
        self.join("OR", other)
    }

    fn compare(name: &'static str, operator: &str, value: AttributeValue) -> Self {
        Self {
            text: format!("#{name} {operator} :{name}"),
            names: names(&[name]),
            values: HashMap::from([(format!(":{name}"), value)]),
        }
    }

    fn join(mut self, word: &str, other: Self) -> Self {
        self.text = format!("({}) {word} ({})", self.text, other.text);
        self.names.extend(other.names);
        self.values.extend(other.values);
        self
    }
}

impl Update {
    pub(crate) fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.sets.push((name, value));
        self
    }

    pub(crate) fn add(mut self, name: &'static str, number: AttributeValue) -> Self {
        self.adds.push((name, number));
        self
    }

    pub(crate) fn remove(mut self, name: &'static str) -> Self {
        self.removes.push(name);
        self
    }

    fn text(&self) -> String {
        let sets: Vec<String> = self.sets.iter().map(|(name, _)| format!("#{name} = :set_{name}")).collect();
        let removes: Vec<String> = self.removes.iter().map(|name| format!("#{name}")).collect();
        let adds: Vec<String> = self.adds.iter().map(|(name, _)| format!("#{name} :add_{name}")).collect();
        let clause =
            |word: &str, list: &[String]| (!list.is_empty()).then(|| format!("{word} {}", list.join(", ")));
        [clause("SET", &sets), clause("REMOVE", &removes), clause("ADD", &adds)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Expressions {
    pub(crate) fn new(update: Option<Update>, condition: Option<Condition>) -> Self {
        let (mut all_names, mut values) = (Names::new(), Attributes::new());
        let update_text = update.as_ref().map(Update::text);
        if let Some(update) = update {
            all_names.extend(names(&update.removes));
            for (name, value) in update.sets {
                all_names.extend(names(&[name]));
                values.insert(format!(":set_{name}"), value);
            }
            for (name, number) in update.adds {
                all_names.extend(names(&[name]));
                values.insert(format!(":add_{name}"), number);
            }
        }
        let condition = condition.map(|condition| {
            all_names.extend(condition.names);
            values.extend(condition.values);
            condition.text
        });
        Self {
            condition,
            update: update_text,
            names: (!all_names.is_empty()).then_some(all_names),
            values: (!values.is_empty()).then_some(values),
        }
    }
}

/// The placeholders of these attributes.
pub(crate) fn names(attributes: &[&'static str]) -> Names {
    attributes.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

/// A projection on these attributes.
pub(crate) fn projection(attributes: &[&'static str]) -> String {
    attributes.iter().map(|name| format!("#{name}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::item::{number, text};
    use super::*;

    #[test]
    fn an_update_with_a_condition_keeps_their_values_apart() {
        let update = Update::default().set("mark", text("new")).set("size", number(1)).remove("body");
        let condition = Condition::equals("mark", text("old")).and(Condition::exists());
        let expressions = Expressions::new(Some(update), Some(condition));
        assert_eq!(expressions.update.unwrap(), "SET #mark = :set_mark, #size = :set_size REMOVE #body");
        assert_eq!(expressions.condition.unwrap(), "(#mark = :mark) AND (attribute_exists(#pk))");
        assert_eq!(expressions.names.unwrap(), names(&["mark", "size", "body", "pk"]));
        let values = [(":set_mark", text("new")), (":set_size", number(1)), (":mark", text("old"))];
        assert_eq!(
            expressions.values.unwrap(),
            HashMap::from(values.map(|(name, value)| (name.to_owned(), value)))
        );
    }

    #[test]
    fn what_is_empty_is_left_out() {
        assert_eq!(Expressions::new(None, None), Expressions::default());
        assert_eq!(Expressions::new(None, Some(Condition::absent())).values, None);
        assert_eq!(
            Expressions::new(Some(Update::default().remove("mark")), None).update.unwrap(),
            "REMOVE #mark"
        );
    }
}
