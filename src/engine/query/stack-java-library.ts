/** Packages of the JDK, of languages on it, and of the frameworks that servers are made of. */
const PACKAGES = [
  "java javax jakarta jdk sun com.sun com.oracle kotlin kotlinx scala groovy clojure android androidx dalvik com.android",
  "org.springframework org.apache org.hibernate org.eclipse org.jboss org.junit org.testng org.mockito org.gradle",
  "org.slf4j org.aspectj org.postgresql org.mariadb org.h2 org.hsqldb org.xnio org.glassfish org.codehaus org.jetbrains",
  "org.reactivestreams org.redisson org.quartz org.flywaydb org.thymeleaf org.bouncycastle org.openjdk org.assertj",
  "io.netty io.opentelemetry io.micrometer io.micronaut io.quarkus io.vertx io.undertow io.grpc io.ktor io.reactivex",
  "io.lettuce io.r2dbc io.smallrye io.helidon io.prometheus io.jsonwebtoken io.github.resilience4j io.swagger",
  "reactor rx retrofit2 okhttp3 okio akka play feign brave zipkin2 redis.clients ch.qos.logback net.bytebuddy net.sf",
  "com.fasterxml com.google.common com.google.inject com.google.gson com.google.protobuf com.zaxxer com.mysql",
  "com.microsoft.sqlserver com.mongodb com.datastax com.rabbitmq com.amazonaws com.squareup com.netflix com.github.benmanes",
  "com.intellij com.typesafe com.twitter com.linecorp software.amazon worker.org.gradle cats zio",
  // What prints the same form: packages of PHP.
  "OpenTelemetry Symfony Illuminate Laravel GuzzleHttp Doctrine Composer Psr Slim Monolog Twig PHPUnit Nyholm League Laminas",
]
  .join(" ")
  .split(" ");

const ROOTS: ReadonlySet<string> = new Set(PACKAGES);

/** Classes that the runtime or a framework makes up while it runs. */
const SYNTHETIC =
  /\$\$(?:FastClass|Enhancer|SpringCGLIB|Lambda)|(?:^|\.)\$?\$Proxy\d|GeneratedMethodAccessor|_\$\$_|ByteBuddy/;

/**
 * Whether a class is not the person's own, by its module and package. Somebody may well work on one of these: such a
 * frame is believed where the workspace has that very file.
 */
export function isJavaLibrary(module: string, className: string): boolean {
  if (/(?:^|\/)(?:java|jdk)\./.test(module) || SYNTHETIC.test(className)) return true;
  // A package of three parts is the longest of those above.
  const parts = className.split(".", 4);
  return parts.some((_, count) => ROOTS.has(parts.slice(0, count + 1).join(".")));
}
