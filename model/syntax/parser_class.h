// The parser as one class whose parts stand in several files: a declaration holds members, a member statements, a
// statement expressions, and recovery reads any of them. Internal to this folder; parser.h is the door.
//
//   parser.cpp              the file, and going on after a mistake
//   parse_declarations.cpp  what stands outside of machines; functions and parameters
//   parse_members.cpp       what stands inside machines and systems
//   parse_statements.cpp    blocks and statements
//   parse_expressions.cpp   expressions, one function for each precedence
//   parse_types.cpp         types, and what loops and quantifiers range over
//   parse_mistakes.cpp      what the author may have meant by what cannot stand here
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/syntax/parser_state.h"

namespace quiesce::model::syntax {

/// Recursive descent along docs/grammar.ebnf: parse_x() reads an x, which begins at the next token.
class Parser : private ParserState {
 public:
  Parser(FileId file, const SourceMap& sources, Diagnostics& diagnostics) : ParserState(file, sources, diagnostics) {}

  /// Reads the file. To be called once.
  ParsedText run();

 private:
  // ------------------------------------------------------------------------------------ file and recovery (parser.cpp)

  /// Goes from the mistake in the item at token `begin` to the next place where an item may begin: the first word
  /// of a line inside the same `depth` of braces, or the brace that closes them, or a declaration. Blocks on the way
  /// are read for their errors when they hold statements.
  void recover(std::size_t begin, int depth, bool blocks_hold_statements);

  void parse_header();

  /// After 'use a.b' and the like: what follows on the line is a mistake worth its own message.
  void end_of_declaration();

  void parse_top_level();
  bool looks_like_member() const;
  bool begins_function() const;

  /// 'with name = ...' or 'with name in ...', which no statement is.
  bool begins_settings() const;
  bool begins_levels() const;
  bool begins_machine() const;

  /// A declaration begins here: also inside braces, since they may not have been closed.
  bool begins_declaration() const;

  /// Runs `read` at the level of declarations; after a failure goes to the next one.
  template <typename Read>
  void guarded(Read read) {
    const std::size_t begin = pos_;
    try {
      read();
    } catch (const Failure&) {
      recover(begin, 0, tokens_[begin].is("fn") || tokens_[begin].is("atomic"));
      depth_ = 0;
    }
  }

  /// Reads a header; after a mistake in it the block that follows on the line is still read.
  template <typename Read>
  bool header_of_block(Read read) {
    try {
      read();
      return true;
    } catch (const Failure&) {
      while (!at_end() && !is("{") && !peek().first_on_line) advance();
      if (!is("{") && !only_brace_missing()) throw;
      return false;
    }
  }

  // ----------------------------------------------------------------------------- declarations (parse_declarations.cpp)

  /// Opens the braces of the declaration `what` and reads with `read` what is in them, up to the '}' that close_block()
  /// takes. Where they are not closed, the declaration is given up.
  template <typename Read>
  void items_in_braces(const std::string& what, Read read) {
    const std::size_t open = pos_;
    const int depth = depth_;
    open_block();
    while (!is("}")) {
      if (at_end() || begins_declaration()) {
        unclosed(open, what, depth);
        throw Failure{};
      }
      read();
    }
  }

  Constant parse_constant();
  ModuleParameter parse_module_parameter();
  Initial parse_initial();  // behind '='
  Enum parse_enum();
  Levels parse_levels();
  Struct parse_struct();
  StringLiteral parse_string(const std::string& what);
  Rule parse_rule();
  void parse_rule_field(Rule& rule);
  Interface parse_interface();
  Function parse_signature();

  /// '{ statements }' or '= expression'; false when neither follows.
  bool parse_body(Function& function);

  Function parse_function();
  std::vector<Parameter> parse_parameters();
  Machine parse_machine();
  System parse_system();
  Check parse_check();
  std::vector<RulePattern> parse_patterns();
  Binding parse_binding();
  std::vector<Binding> parse_bindings();
  Settings parse_settings();

  /// Several values where one stands: fails with how they are written.
  [[noreturn]] void several_values(const Binding& binding);
  Expect parse_expect();

  // --------------------------------------------------------------------------------------- members (parse_members.cpp)

  std::vector<MemberPtr> parse_members(const std::string& of, bool in_system, Span* braces = nullptr);
  MemberPtr parse_member(bool in_system);
  void parse_variable_or_instance(Member& member);
  InstanceIndex parse_instance_index();
  Variable finish_variable(Name name, TypePtr type);
  std::vector<Fairness> parse_fairness();
  Action parse_action();
  Handler parse_handler();
  Thread parse_thread();
  Reaction parse_reaction();
  Property parse_property();

  /// Whether 'ltl', 'terminates', 'progress' or 'always_possible' begins a member here and is not a name.
  bool begins_temporal_property() const;
  Property parse_temporal_property();

  /// Whether 'name: p leads_to q' begins here: looks ahead, since it begins like a variable.
  bool begins_leads_to() const;
  Property parse_leads_to();

  /// 'name:' in front of a condition, when there is one.
  void parse_property_name(Property& property);
  ConditionalMembers parse_conditional_members(bool in_system);

  // --------------------------------------------------------------------------------- statements (parse_statements.cpp)

  /// '{ statements }'; of a handler, with `accept` the block that it may begin with.
  Block parse_block(std::optional<Block>* accept_block = nullptr);

  /// A place, a lock or an instance: begins with a name or 'self'.
  ExpressionPtr parse_target(const std::string& what);

  /// Whether the word here begins a statement of its own ('release lock') and is not a name ('release()').
  bool statement_word(bool parenthesis_begins_value) const;
  bool begins_take(std::size_t ahead) const;

  StatementPtr parse_statement();
  void parse_statement_kind(Statement& statement);
  void parse_assignment_or_call(Statement& statement);
  LocalStatement parse_local();
  IfStatement parse_if();
  ForStatement parse_for();
  EitherStatement parse_either();
  ChooseStatement parse_choose();

  // ------------------------------------------------------------------------------- expressions (parse_expressions.cpp)

  ExpressionPtr make_binary(BinaryOperator op, Span op_span, ExpressionPtr left, ExpressionPtr right);

  /// A condition: an expression behind which '=' can only be a mistake.
  ExpressionPtr parse_condition();

  ExpressionPtr parse_expression();
  ExpressionPtr parse_conditional();
  ExpressionPtr parse_implication();
  ExpressionPtr parse_disjunction();
  ExpressionPtr parse_conjunction();

  /// A formula over infinite runs: an expression in which the words of time are operators.
  ExpressionPtr parse_formula();
  std::optional<TemporalOperator> prefix_of_time() const;
  std::optional<TemporalOperator> infix_of_time() const;
  static std::optional<TemporalOperator> infix_word(const Token& token);
  ExpressionPtr parse_until();
  ExpressionPtr parse_infix_of_time(TemporalOperator op, ExpressionPtr left, ExpressionPtr (Parser::*parse_right)());
  std::optional<BinaryOperator> comparison_operator() const;
  ExpressionPtr parse_comparison();
  ExpressionPtr parse_bits();
  ExpressionPtr parse_bits_xor();
  ExpressionPtr parse_bits_and();
  ExpressionPtr parse_chain(std::string_view sign, BinaryOperator op, ExpressionPtr (Parser::*parse_operand)());
  bool is_shift_right() const;
  ExpressionPtr parse_shift();
  ExpressionPtr parse_sum();
  ExpressionPtr parse_product();
  ExpressionPtr parse_unary();
  ExpressionPtr parse_postfix();
  std::vector<Argument> parse_arguments();

  /// Whether an expression may begin with `token`.
  static bool begins_value(const Token& token);

  ExpressionPtr parse_primary();
  ExpressionPtr parse_set();

  /// An identifier, or one of the words that are special before '(' or before a variable.
  ExpressionPtr parse_name_expression();

  ExpressionPtr parse_context_query(ContextQueryKind kind);
  ExpressionPtr parse_array();
  ExpressionPtr parse_quantifier(QuantifierKind kind);

  template <typename Kind>
  ExpressionPtr make(std::size_t begin, Kind kind) {
    auto expression = std::make_unique<Expression>();
    expression->kind = std::move(kind);
    expression->span = span_from(begin);
    return expression;
  }

  // ------------------------------------------------------------------------------------------- types (parse_types.cpp)

  /// Whether a type begins here that is not just a name.
  bool type_word() const;

  TypePtr finish_type(std::size_t begin, decltype(Type::kind) kind);
  void open_type_bracket();
  void close_type_bracket();
  TypePtr parse_type();
  ExpressionPtr parse_sum_of_type();
  TypePtr parse_int_type();
  TypePtr parse_function_type();

  /// What a loop, a quantifier, an array or an array of instances ranges over.
  Domain parse_domain(bool range_allowed, bool expression_allowed);

  // ------------------------------------------------------------------------------------- mistakes (parse_mistakes.cpp)

  [[noreturn]] void no_declaration();

  /// Reports something at the next token that stands outside of where it should be, and fails. Of what follows
  /// nothing can be judged before the next thing that surely is a declaration.
  [[noreturn]] void skip_to_declaration(std::string code, std::string message, std::string note);

  /// '&name', the address of something.
  [[noreturn]] void address();

  /// Reports a monitor that is declared inside a machine, skips to the next thing that surely is another member, and
  /// fails.
  void monitor_inside();

  /// 'int x = 3', 'uint32 x': declarations in the manner of C.
  void c_style_declaration(bool statement);

  /// 'name(...) {' or 'name() -> T' without 'fn'.
  void missing_fn();

  /// A word in a place where only certain words may stand.
  [[noreturn]] void unknown_word(const std::string& what, const std::vector<std::string>& words);

  [[noreturn]] void no_member();

  [[noreturn]] void no_such_type();

  /// 'sett<bool>'.
  void not_generic(const QualifiedName& name);

  /// 'i++' and 'i--'.
  void increment();

  std::string block_advice() const;

  /// Whether only the '{' of a block is missing here: lines follow that stand further right than the line of the
  /// header, and the '}' that closes no other block stands at the header's own column.
  bool only_brace_missing() const;
  [[noreturn]] void no_statement();

  /// How the variable of 'type name = value' at the next token is declared.
  std::string local_for(std::string_view type, std::string_view name) const;

  /// Statements of other languages, and words nearly right. The word is not followed by what may follow a name.
  void foreign_statement();
};

}  // namespace quiesce::model::syntax
