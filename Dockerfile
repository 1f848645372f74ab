# The runnable jar as an image: docs/production.md, In a container.
#
#   mvn package -DskipTests
#   docker build --build-arg BASE=<a Java 17 or 25 runtime>@sha256:… -t gpra-migrations .
#
# The base has no default: which one is trusted, and its digest, is for whoever builds to say.
ARG BASE
FROM ${BASE}

COPY target/gpra-migrations-*-all.jar /gpra/gpra-migrations.jar
WORKDIR /gpra

# The classes of a run, read and checked once: a run starts in half the time. One that writes the whole script needs no database.
RUN ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:ArchiveClassesAtExit=/gpra/classes.jsa", "-Xlog:cds=off", \
     "-jar", "/gpra/gpra-migrations.jar", "update-sql", "--output-file=/dev/null", \
     "--url=offline:postgresql?version=18&outputLiquibaseSql=all&changeLogFile=/tmp/history.csv"]

# Nobody: it owns nothing here, and nothing here can be written.
USER 65532:65532
ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:SharedArchiveFile=/gpra/classes.jsa", \
            "-Xlog:cds=off", "-jar", "/gpra/gpra-migrations.jar"]
CMD ["status"]
