--liquibase formatted sql

--changeset eve:1
INSERT INTO "Customers" (email) VALUES ('eve@example.org');
--rollback DELETE FROM "Customers" WHERE email = 'eve@example.org';
