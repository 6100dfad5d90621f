"""What schemathesis is told of media types that it has no serializer for: a notification of the mail system is text."""

import schemathesis

schemathesis.serializer.alias("message/rfc822", "text/plain")
