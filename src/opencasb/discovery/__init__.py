"""Cloud discovery: from traffic logs to the cloud apps people use."""
