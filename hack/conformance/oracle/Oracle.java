// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.PathNotFoundException;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.EventCartridge;
import org.apache.velocity.app.event.ReferenceInsertionEventHandler;
import org.apache.velocity.runtime.RuntimeInstance;

/**
 * Renders templates with Apache Velocity 1.7. Each line of the input is a JSON object {"mode", "template", "data"};
 * the answer is a line {"ok", "text"}, with the text (or the error) in base64.
 *
 * Mode "plain" puts data.vars into the context. Mode "aws" emulates API Gateway's $input, $util, $context and
 * $stageVariables on top of Jayway JsonPath and commons-lang, and prints nothing for a reference without a value.
 *
 * A line {"define": name, "template"} reads a template once and has an empty answer; {"use": name, "data"} renders it in
 * mode "aws". That is for many renderings of few templates.
 */
public class Oracle {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, "UTF-8");
    for (String line; (line = in.readLine()) != null; ) {
      boolean ok = true;
      String text;
      try {
        text = render(parse(line));
      } catch (Throwable e) {
        ok = false;
        text = e.getClass().getSimpleName() + ": " + e.getMessage();
      }
      String encoded = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
      out.print("{\"ok\":" + ok + ",\"text\":\"" + encoded + "\"}\n");
      if (!in.ready()) {
        out.flush();
      }
    }
    out.flush();
  }

  static final Map<String, Template> defined = new HashMap<>();
  static RuntimeInstance runtime;

  static String define(String name, String source) throws Exception {
    if (runtime == null) {
      runtime = new RuntimeInstance();
      runtime.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
      runtime.setProperty("directive.foreach.maxloops", "1000");
      runtime.init();
    }
    Template template = new Template();
    template.setName(name);
    template.setRuntimeServices(runtime);
    template.setData(runtime.parse(new StringReader(source), name));
    template.initDocument();
    defined.put(name, template);
    return "";
  }

  static String use(Template template, Map<String, Object> data) {
    VelocityContext context = new VelocityContext();
    Map<String, Object> overrides = new LinkedHashMap<>();
    prepare(context, data, overrides);
    StringWriter w = new StringWriter();
    template.merge(context, w);
    return w + describe(overrides);
  }

  static Map<String, Object> parse(String json) {
    return map(Configuration.defaultConfiguration().jsonProvider().parse(json));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object o) {
    return o == null ? new LinkedHashMap<>() : (Map<String, Object>) o;
  }

  static String render(Map<String, Object> request) throws Exception {
    if (request.get("define") != null) {
      return define((String) request.get("define"), (String) request.get("template"));
    }
    if (request.get("use") != null) {
      return use(defined.get(request.get("use")), map(request.get("data")));
    }
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.setProperty("directive.foreach.maxloops", "1000");
    engine.init();
    VelocityContext context = new VelocityContext();
    Map<String, Object> data = map(request.get("data"));
    Map<String, Object> overrides = new LinkedHashMap<>();
    if ("aws".equals(request.get("mode"))) {
      prepare(context, data, overrides);
    } else {
      for (Map.Entry<String, Object> e : map(data.get("vars")).entrySet()) {
        context.put(e.getKey(), e.getValue());
      }
    }
    StringWriter w = new StringWriter();
    engine.evaluate(context, w, "template", (String) request.get("template"));
    return w + describe(overrides);
  }

  static void prepare(VelocityContext context, Map<String, Object> data, Map<String, Object> overrides) {
    EventCartridge cartridge = new EventCartridge();
    cartridge.addEventHandler(
        new ReferenceInsertionEventHandler() {
          @Override
          public Object referenceInsert(String reference, Object value) {
            return value == null ? "" : value;
          }
        });
    cartridge.attachToContext(context);
    Map<String, Object> request = new LinkedHashMap<>();
    request.put("header", new LinkedHashMap<>());
    request.put("path", new LinkedHashMap<>());
    request.put("querystring", new LinkedHashMap<>());
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("header", new LinkedHashMap<>());
    overrides.put("requestOverride", request);
    overrides.put("responseOverride", response);
    Map<String, Object> values = map(data.get("context"));
    values.putAll(overrides);
    context.put("context", values);
    context.put("input", new Input(data));
    context.put("util", new Util());
    context.put("stageVariables", map(data.get("stageVariables")));
  }

  /** The overrides that were set, one a line, sorted. */
  static String describe(Map<String, Object> overrides) {
    TreeMap<String, String> lines = new TreeMap<>();
    for (Map.Entry<String, Object> o : overrides.entrySet()) {
      for (Map.Entry<String, Object> kind : map(o.getValue()).entrySet()) {
        if (!(kind.getValue() instanceof Map)) {
          lines.put(o.getKey() + "." + kind.getKey(), String.valueOf(kind.getValue()));
          continue;
        }
        for (Map.Entry<String, Object> target : map(kind.getValue()).entrySet()) {
          lines.put(o.getKey() + "." + kind.getKey() + "." + target.getKey(), String.valueOf(target.getValue()));
        }
      }
    }
    StringBuilder b = new StringBuilder();
    for (Map.Entry<String, String> e : lines.entrySet()) {
      b.append("\n@").append(e.getKey()).append('=').append(e.getValue());
    }
    return b.toString();
  }

  /** $input. */
  public static class Input {
    private final String body;
    private final Map<String, Object> params = new LinkedHashMap<>();
    private Object document;

    Input(Map<String, Object> data) {
      String text = (String) data.get("body");
      body = text == null || text.isEmpty() ? "{}" : text;
      params.put("path", map(data.get("path")));
      params.put("querystring", map(data.get("query")));
      params.put("header", map(data.get("header")));
      try {
        document = Configuration.defaultConfiguration().jsonProvider().parse(body);
      } catch (RuntimeException e) {
        document = null;
      }
    }

    public String getBody() {
      return body;
    }

    public Object path(String path) {
      JsonPath compiled = JsonPath.compile(path);
      if (!(document instanceof Map || document instanceof List)) {
        return path.equals("$") ? document : null;
      }
      try {
        return compiled.read(document);
      } catch (PathNotFoundException e) {
        return null;
      }
    }

    public String json(String path) {
      Object o = path(path);
      return o == null ? "\"\"" : JSONValue.toJSONString(o, JSONStyle.LT_COMPRESS);
    }

    public Map<String, Object> params() {
      return params;
    }

    public String params(String name) {
      for (Object kind : params.values()) {
        Object v = map(kind).get(name);
        if (v != null) {
          return (String) v;
        }
      }
      return "";
    }
  }

  /** $util. */
  public static class Util {
    public String escapeJavaScript(Object o) {
      return o == null ? null : StringEscapeUtils.escapeJavaScript(o.toString());
    }

    public Object parseJson(String s) {
      return Configuration.defaultConfiguration().jsonProvider().parse(s);
    }

    public String urlEncode(String s) throws Exception {
      return URLEncoder.encode(s, "UTF-8");
    }

    public String urlDecode(String s) throws Exception {
      return URLDecoder.decode(s, "UTF-8");
    }

    public String base64Encode(String s) {
      return Base64.getEncoder().encodeToString(s.getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(String s) {
      return new String(Base64.getDecoder().decode(s), StandardCharsets.UTF_8);
    }
  }
}
