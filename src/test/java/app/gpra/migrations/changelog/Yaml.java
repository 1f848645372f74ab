package app.gpra.migrations.changelog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A part of a YAML document, searched at any depth. */
record Yaml(Object value) {

  static Yaml of(Object value) {
    return new Yaml(value);
  }

  /** All that stands under a key. */
  Yaml under(String key) {
    List<Object> found = new ArrayList<>();
    collect(value, key, found);
    return new Yaml(found);
  }

  /** The texts that stand under a key; what is no text, such as an unquoted number, is left out. */
  List<String> texts(String key) {
    return under(key).values().stream()
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .toList();
  }

  /** The elements; of one that is no list, itself. */
  List<Object> values() {
    return value instanceof List<?> list
        ? list.stream().filter(Objects::nonNull).map(Object.class::cast).toList()
        : List.of(value);
  }

  private static void collect(Object part, String key, List<Object> found) {
    if (part instanceof List<?> list) {
      list.forEach(element -> collect(element, key, found));
    } else if (part instanceof Map<?, ?> map) {
      map.forEach(
          (name, inner) -> {
            if (key.equals(name)) {
              found.add(inner);
            }
            collect(inner, key, found);
          });
    }
  }
}
