package com.example.shop;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;

@SpringBootApplication
public class Shop {

  public static void main(String[] arguments) {
    try (var shop = SpringApplication.run(Shop.class, arguments)) {
      String orders = "SELECT count(*) FROM orders";
      System.out.println(
          "READY orders="
              + shop.getBean(JdbcTemplate.class).queryForObject(orders, Integer.class));
    }
  }
}
