//! What is known of a message without rendering it: where it stands, which variables it reads, what it refers to.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};

/// What a message reads and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MessageFacts {
    /// The file.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// The variables that it reads, without the dollar sign.
    pub variables: BTreeSet<String>,
    /// The messages that it includes.
    pub includes: BTreeSet<String>,
    /// Whether it spans several lines, as texts of rows and labels must not.
    pub multiline: bool,
}

impl MessageFacts {
    /// The arguments behind its variables: `total-n` and `total` are both the argument `total`, where `known` says
    /// that there is such an argument.
    pub fn arguments<'a>(&'a self, known: &'a dyn Fn(&str) -> bool) -> impl Iterator<Item = &'a str> {
        self.variables.iter().map(move |variable| argument_of(variable, known))
    }
}

/// The suffixes that the renderer adds to the name of an argument.
pub const SUFFIXES: [&str; 4] = ["-n", "-time", "-date", "-dear"];

/// The argument behind a variable.
pub fn base(variable: &str) -> &str {
    SUFFIXES.iter().find_map(|suffix| variable.strip_suffix(suffix)).unwrap_or(variable)
}

fn argument_of<'a>(variable: &'a str, known: &dyn Fn(&str) -> bool) -> &'a str {
    if known(variable) {
        return variable;
    }
    base(variable)
}

/// Collects what a pattern reads.
pub fn read_pattern(pattern: &Pattern<&str>, facts: &mut MessageFacts) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                facts.multiline |= value.trim_end_matches('\n').contains('\n')
            }
            PatternElement::Placeable { expression } => read_expression(expression, facts),
        }
    }
}

fn read_expression(expression: &Expression<&str>, facts: &mut MessageFacts) {
    match expression {
        Expression::Inline(inline) => read_inline(inline, facts),
        Expression::Select { selector, variants } => {
            read_inline(selector, facts);
            for variant in variants {
                read_pattern(&variant.value, facts);
            }
        }
    }
}

fn read_inline(inline: &InlineExpression<&str>, facts: &mut MessageFacts) {
    match inline {
        InlineExpression::VariableReference { id } => {
            facts.variables.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, .. } => {
            facts.includes.insert(id.name.to_owned());
        }
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|argument| read_inline(argument, facts));
        }
        InlineExpression::TermReference { arguments: Some(arguments), .. } => {
            arguments.named.iter().for_each(|argument| read_inline(&argument.value, facts));
        }
        InlineExpression::Placeable { expression } => read_expression(expression, facts),
        _ => {}
    }
}
