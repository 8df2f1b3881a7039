package dev.penstock.config;

import dev.penstock.config.Node.Kind;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentEndEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML as if it had nothing but objects, lists and values in one line each. The events of the
 * parser are read, and not what Jackson makes of them: Jackson passes over anchors of values and
 * over ends of documents, and makes numbers of 017 and 1__0.
 *
 * <p>A file ends with the document end marker, {@code ...} in a line of its own: of a file that is
 * cut off, or is being written, the first part is nearly always YAML, and often another policy.
 */
final class YamlTree {

  /**
   * What some reader of YAML takes for a number: of 1.1 or 1.2, with a sign, underscores, another
   * base, an exponent, or colons between sixties.
   */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(?:0[xob][0-9a-fA-F_]+"
              + "|[0-9][0-9_]*(?:\\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
              + "|\\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
              + "|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?"
              + "|\\.(?:inf|Inf|INF|nan|NaN|NAN))");

  private static final String FIRST_OF_NUMBERS = "+-.0123456789";

  private final Faults faults;
  private final Tree tree;
  private int documents;
  private boolean isEnded;

  private YamlTree(Faults faults) {
    this.faults = faults;
    this.tree = new Tree(faults);
  }

  /**
   * Reads a text.
   *
   * @return the tree as far as it is readable; empty where there is none
   */
  static Optional<Node> read(String text, Faults faults) {
    return new YamlTree(faults).read(text);
  }

  private Optional<Node> read(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE); // the bytes are bounded
    int line = 1;
    int column = 1;
    try {
      ParserImpl events = new ParserImpl(new StreamReader(text), options);
      Event event = events.getEvent();
      while (!event.is(Event.ID.StreamEnd)) {
        line = event.getStartMark().getLine() + 1;
        column = event.getStartMark().getColumn() + 1;
        take(event, line, column);
        event = events.getEvent();
      }
      if (documents == 0) {
        faults.add(Where.FILE, "must not be empty");
      }
      return tree.whole();
    } catch (Tree.Stopped e) {
      return Optional.empty();
    } catch (MarkedYAMLException e) {
      @Nullable Mark mark = e.getProblemMark();
      faults.add(
          mark == null
              ? Where.whole(line, column)
              : Where.whole(mark.getLine() + 1, mark.getColumn() + 1),
          isEnded
              ? "must be nothing behind the document end marker"
              : "must be YAML: " + e.getProblem());
    } catch (RuntimeException e) { // of the parser, as of an escape beyond Unicode
      faults.add(Where.whole(line, column), "must be YAML: it cannot be read behind this place");
    }
    return Optional.empty();
  }

  private void take(Event event, int line, int column) {
    if (event instanceof DocumentStartEvent start) {
      begin(start, line, column);
    } else if (event instanceof DocumentEndEvent end) {
      isEnded = true;
      if (!end.getExplicit()) {
        faults.add(
            Where.whole(line, column),
            "must end with the document end marker, \"...\" in a line of its own:"
                + " without it nobody knows whether the file is whole");
      }
    } else if (event instanceof NodeEvent node) {
      take(node, line, column);
    } else if (event.is(Event.ID.MappingEnd) || event.is(Event.ID.SequenceEnd)) {
      tree.end();
    }
  }

  private void begin(DocumentStartEvent start, int line, int column) {
    if (++documents > 1) {
      faults.add(Where.whole(line, column), "must be one document: a second begins here");
      throw new Tree.Stopped();
    }
    boolean hasTags = start.getTags() != null && !start.getTags().isEmpty();
    if (start.getVersion() != null || hasTags) {
      faults.add(Where.whole(line, column), "must have no directives");
    }
  }

  private void take(NodeEvent node, int line, int column) {
    if (node instanceof AliasEvent) {
      refuse("must be written out: aliases are not read", line, column);
      return;
    }
    boolean isName = tree.expectsName();
    Where where = tree.where(line, column);
    if (node.getAnchor() != null) {
      faults.add(where, "must have no anchor: aliases are not read");
    }
    if (node instanceof ScalarEvent scalar) {
      take(scalar, isName, line, column);
    } else if (node instanceof CollectionStartEvent start) {
      if (isName) {
        faults.add(Where.whole(line, column), "must be a name: an object or a list");
        throw new Tree.Stopped();
      }
      if (start.getTag() != null) {
        faults.add(where, "must have no tag");
      }
      tree.begin(start.is(Event.ID.MappingStart), line, column);
    }
  }

  private void take(ScalarEvent scalar, boolean isName, int line, int column) {
    String text = scalar.getValue();
    if (scalar.getTag() != null) {
      refuse("must have no tag", line, column);
    } else if (isName && scalar.isPlain() && text.equals("<<")) {
      refuse("must be written out: merge keys are not read", line, column);
    } else if (isName) {
      tree.name(text, line, column);
    } else {
      tree.scalar(scalar.isPlain() ? kind(text) : Kind.TEXT, text, line, column);
    }
  }

  private void refuse(String message, int line, int column) {
    if (tree.expectsName()) {
      faults.add(Where.whole(line, column), message);
      tree.refusedName(line, column);
    } else {
      tree.refuse(tree.where(line, column), message);
    }
  }

  private static Kind kind(String text) {
    return switch (text) {
      case "", "~", "null", "Null", "NULL" -> Kind.NOTHING;
      case "true", "false" -> Kind.BOOLEAN;
      default ->
          FIRST_OF_NUMBERS.indexOf(text.charAt(0)) >= 0 && NUMBER.matcher(text).matches()
              ? Kind.NUMBER
              : Kind.TEXT;
    };
  }
}
